"""One dead letter: what was rejected, why, and from which place in which stream."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from producer.events import to_datetime

REASON = "x-reason"
SOURCE_QUEUE = "x-source-queue"
SOURCE_OFFSET = "x-source-offset"
EVENT_INDEX = "x-event-index"
REJECTED_AT = "x-rejected-at"
ORIGINAL_MESSAGE_ID = "x-original-message-id"
TRUNCATED_FROM = "x-truncated-from"
# Set by the broker on a message that was handed out before, never by the job.
DELIVERY_COUNT = "x-delivery-count"

ID_PREFIX = "dl-"
_ID_HEX_DIGITS = 16  # 64 bits: the odds of two equal ones among 100,000 letters are 1 to 3.7 billion

# A pattern and not a JSON decoder: most bodies are here because they are no proper JSON.
_SYMBOL = re.compile(rb'"symbol"\s*:\s*"([\x20\x21\x23-\x5b\x5d-\x7e]{1,64})"')
_SYMBOL_SEARCHED_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A dead letter without its body; a field is None where the message does not tell it.

    ``number`` is the place in the queue, from 1, and holds until an earlier letter is removed.
    ``letter_id`` follows from the content alone, so it is the same at every look and for the copies
    that a restarted job may have made of one rejection; a requeued event travels under it as its
    message id. ``rejected_at`` is UTC. ``event_index`` is None when a whole message was rejected.
    ``looks`` counts how often the broker handed the letter out before. ``size`` is in bytes,
    and so is ``truncated_from``: the size of a body that was too large to be kept whole.
    """

    number: int
    letter_id: str
    message_id: str | None
    original_message_id: str | None
    reason: str | None
    source_queue: str | None
    source_offset: int | None
    event_index: int | None
    rejected_at: datetime | None
    symbol: str | None
    looks: int
    size: int
    truncated_from: int | None

    @classmethod
    def read(
        cls, number: int, headers: Mapping[str, object], body: bytes, message_id: str | None = None
    ) -> DeadLetter:
        """Read a letter leniently: a header that is missing or of another type is as if unknown."""
        source_queue = _text(headers.get(SOURCE_QUEUE))
        source_offset = _integer(headers.get(SOURCE_OFFSET))
        event_index = _integer(headers.get(EVENT_INDEX))
        original_message_id = _text(headers.get(ORIGINAL_MESSAGE_ID))
        return cls(
            number=number,
            letter_id=_letter_id(body, source_queue, source_offset, event_index, original_message_id),
            message_id=message_id,
            original_message_id=original_message_id,
            reason=_text(headers.get(REASON)),
            source_queue=source_queue,
            source_offset=source_offset,
            event_index=event_index,
            rejected_at=_moment(headers.get(REJECTED_AT)),
            symbol=symbol_in(body),
            looks=_integer(headers.get(DELIVERY_COUNT)) or 0,
            size=len(body),
            truncated_from=_integer(headers.get(TRUNCATED_FROM)),
        )


def symbol_in(body: bytes) -> str | None:
    """Return the symbol that the body names, also in broken JSON; None if it names none or several."""
    found = set(_SYMBOL.findall(body, 0, _SYMBOL_SEARCHED_BYTES))
    return found.pop().decode("ascii") if len(found) == 1 else None


def _letter_id(body: bytes, *place: str | int | None) -> str:
    # The original message id is part of it because offsets begin anew when a stream is deleted.
    digest = hashlib.sha256(repr(place).encode())
    digest.update(body)
    return ID_PREFIX + digest.hexdigest()[:_ID_HEX_DIGITS]


def _text(value: object) -> str | None:
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return value if isinstance(value, str) else None


def _integer(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _moment(value: object) -> datetime | None:
    micros = _integer(value)
    if micros is None:
        return None
    try:
        return to_datetime(micros)
    except OverflowError:
        return None
