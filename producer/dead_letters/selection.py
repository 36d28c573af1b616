"""Which dead letters a command is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from producer.dead_letters.errors import SelectionError
from producer.dead_letters.letter import DeadLetter
from producer.sharding import EVENT_QUEUE_PREFIX


@dataclass(frozen=True)
class Selection:
    """Every given condition must hold; without any, all letters are selected.

    ``numbers`` and ``ids`` are one condition: a letter named by either. An id is the letter's own,
    its message id, or the message id of the batch that it came in. ``reason`` is a part of the
    reason in any case of letters. ``rejected_before`` is UTC; a letter that does not say when it was
    rejected is not selected by it.
    """

    numbers: frozenset[int] = frozenset()
    ids: frozenset[str] = frozenset()
    reason: str | None = None
    source_queue: str | None = None
    rejected_before: datetime | None = None

    def __contains__(self, letter: DeadLetter) -> bool:
        return (
            self._names(letter)
            and (self.reason is None or self.reason.casefold() in (letter.reason or "").casefold())
            and self.source_queue in {None, letter.source_queue}
            and (self.rejected_before is None or _rejected_before(letter, self.rejected_before))
        )

    @property
    def is_everything(self) -> bool:
        """Whether no condition is given."""
        return self == Selection()

    def _names(self, letter: DeadLetter) -> bool:
        if not self.numbers and not self.ids:
            return True
        own = {letter.letter_id, letter.message_id, letter.original_message_id}
        return letter.number in self.numbers or not own.isdisjoint(self.ids)


def numbers_and_ids(names: Iterable[str]) -> tuple[frozenset[int], frozenset[str]]:
    """Tell numbers from ids; raises :class:`SelectionError` for the number 0."""
    names = frozenset(names)
    numbers = frozenset(int(name) for name in names if _is_number(name))
    if 0 in numbers:
        raise SelectionError("There is no dead letter 0: the first one in the queue is number 1.")
    return numbers, frozenset(name for name in names if not _is_number(name))


def source_queue_of(shard: str) -> str:
    """Return the stream's name for a shard number or a whole queue name."""
    return f"{EVENT_QUEUE_PREFIX}{shard}" if _is_number(shard) else shard


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 9


def _rejected_before(letter: DeadLetter, moment: datetime) -> bool:
    return letter.rejected_at is not None and letter.rejected_at < moment
