"""From a message of the stream to the newest event of each symbol in it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from operator import attrgetter

import msgspec

from api.live.messages import Feed, Message, Tick, feed_message
from producer.events import to_datetime
from producer.watermark import ALLOWED_LATENESS_MICROS

SHOWN_KINDS = frozenset({"trade", "quote"})
BREAK = "break"


class StreamEvent(msgspec.Struct, frozen=True, gc=False):
    """What a client is told of a market event; times in microseconds since the epoch, UTC."""

    source: str
    kind: str
    event_time: int
    ingest_time: int
    symbol: str | None = None
    sequence: int | None = None
    price: Decimal | None = None
    size: Decimal | None = None
    bid: Decimal | None = None
    ask: Decimal | None = None

    @property
    def order(self) -> tuple[int, int]:
        """By the venue's clock, then by its sequence."""
        return self.event_time, self.sequence or 0


_events = msgspec.json.Decoder(list[StreamEvent])
_raw = msgspec.json.Decoder(list[msgspec.Raw])
_event = msgspec.json.Decoder(StreamEvent)


class Decoded(msgspec.Struct, frozen=True):
    """The events of one message that can be read, and how many cannot."""

    events: list[StreamEvent]
    unreadable: int


def decode(body: bytes) -> Decoded:
    """Read a message of the stream; what is no event is left to the job, which makes it a dead letter."""
    try:
        return Decoded(_events.decode(body), 0)
    except msgspec.DecodeError:
        return _decode_one_by_one(body)


def _decode_one_by_one(body: bytes) -> Decoded:
    try:
        parts = _raw.decode(body)
    except msgspec.DecodeError:
        return Decoded([], 1)
    events = []
    for part in parts:
        try:
            events.append(_event.decode(part))
        except msgspec.DecodeError:
            continue
    return Decoded(events, len(parts) - len(events))


class NewestTicks:
    """The newest trade or quote of every symbol, by the venue's clock.

    An event that is late changes nothing. One that is later than the job would still accept begins anew: a
    recording is replayed once more.
    """

    def __init__(self) -> None:
        self._newest: dict[str, StreamEvent] = {}

    def of(self, symbol: str) -> StreamEvent | None:
        """Return the newest event of a symbol, None while none has come."""
        return self._newest.get(symbol)

    def __len__(self) -> int:
        return len(self._newest)

    def add(self, events: Iterable[StreamEvent]) -> dict[str, StreamEvent]:
        """Take the events of a message; return those that are now the newest of their symbol."""
        changed: dict[str, StreamEvent] = {}
        for event in events:
            symbol = event.symbol
            if symbol is None or event.kind not in SHOWN_KINDS:
                continue
            known = self._newest.get(symbol)
            if known is None or event.order >= known.order or _begins_anew(event, known):
                self._newest[symbol] = changed[symbol] = event
        return changed


def breaks(events: Iterable[StreamEvent]) -> dict[str, StreamEvent]:
    """Return the newest break of each symbol."""
    found = sorted((event for event in events if event.kind == BREAK), key=attrgetter("order"))
    return {event.symbol: event for event in found if event.symbol is not None}


def tick_message(symbol: str, event: StreamEvent, born: float) -> Message:
    """Carry the newest event of a symbol, received at `born` by the monotonic clock."""
    tick = Tick(
        symbol=symbol,
        event_time=to_datetime(event.event_time),
        ingest_time=to_datetime(event.ingest_time),
        price=_plain(event.price),
        size=_plain(event.size),
        bid=_plain(event.bid),
        ask=_plain(event.ask),
        kind=event.kind,
        source=event.source,
    )
    return Message(tick, ("tick", symbol), born=born)


def break_message(symbol: str, event: StreamEvent) -> Message:
    """Carry what a break of the feed means for a symbol."""
    return feed_message(
        Feed(
            "ticks",
            "break",
            "The feed of this symbol broke or began: trades before this time may be missing.",
            symbol,
            to_datetime(event.event_time),
        )
    )


def _begins_anew(event: StreamEvent, known: StreamEvent) -> bool:
    return event.event_time < known.event_time - ALLOWED_LATENESS_MICROS


def _plain(number: Decimal | None) -> str | None:
    return None if number is None else f"{number:f}"
