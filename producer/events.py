"""The market event: what a provider says, in the one form that travels through the broker.

Times are integer microseconds since the epoch, UTC. Prices and sizes are :class:`~decimal.Decimal`
and are written as JSON numbers digit for digit, so no binary float ever stands between a venue and
a decimal column.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Literal

import msgspec

Kind = Literal["trade", "quote", "heartbeat", "break"]

EVENTS_PER_MESSAGE = 500
MICROSECONDS_PER_MILLISECOND = 1_000
MICROSECONDS_PER_SECOND = 1_000_000
MICROSECONDS_PER_MINUTE = 60 * MICROSECONDS_PER_SECOND
MICROSECONDS_PER_DAY = 86_400 * MICROSECONDS_PER_SECOND

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1)


class MarketEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One observation of a market; a field that is absent on the wire is None here.

    ``event_time`` is the venue's clock and ``ingest_time`` ours, both in microseconds since the
    epoch; ``sequence`` breaks ties between events of one time. ``symbol`` is None for a heartbeat.
    ``session_end`` is when the venue's session of ``trading_day`` closes, in the same unit: None at
    a venue that never closes, where a day ends with its UTC date. See :mod:`producer.trading_day`.
    """

    event_id: str
    source: str
    kind: Kind
    event_time: int
    ingest_time: int
    trading_day: str
    session_end: int | None = None
    symbol: str | None = None
    sequence: int | None = None
    price: Decimal | None = None
    size: Decimal | None = None
    day_volume: Decimal | None = None
    bid: Decimal | None = None
    ask: Decimal | None = None
    day_open: Decimal | None = None
    day_high: Decimal | None = None
    day_low: Decimal | None = None
    previous_close: Decimal | None = None
    market_cap: Decimal | None = None


_encoder = msgspec.json.Encoder(decimal_format="number")
_decoder = msgspec.json.Decoder(list[MarketEvent])


def encode_events(events: Sequence[MarketEvent]) -> bytes:
    """Return the message body for these events: a JSON array with exact decimals."""
    return _encoder.encode(events)


def decode_events(body: bytes) -> list[MarketEvent]:
    """Read a message body; raises :class:`msgspec.DecodeError` if it is not an array of events."""
    return _decoder.decode(body)


def clock_micros() -> int:
    """Return our clock in microseconds since the epoch, UTC."""
    return time.time_ns() // 1_000


def to_micros(moment: datetime) -> int:
    """Convert an aware datetime to microseconds since the epoch without rounding."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def to_datetime(micros: int) -> datetime:
    """Convert microseconds since the epoch to an aware UTC datetime."""
    return _EPOCH + timedelta(microseconds=micros)


def utc_day(micros: int) -> str:
    """Return the UTC date of a time: the trading day of a venue that never closes."""
    return _day_text(micros // MICROSECONDS_PER_DAY)


@lru_cache(maxsize=64)
def _day_text(day: int) -> str:
    return (_EPOCH_DAY + timedelta(days=day)).isoformat()


def trade(
    source: str,
    symbol: str,
    *,
    event_time: int,
    ingest_time: int,
    sequence: int,
    price: Decimal,
    size: Decimal,
) -> MarketEvent:
    """Build the event of one trade at a venue that trades around the clock."""
    return MarketEvent(
        event_id=f"{source}:{symbol}:{sequence}",
        source=source,
        kind="trade",
        event_time=event_time,
        ingest_time=ingest_time,
        trading_day=utc_day(event_time),
        symbol=symbol,
        sequence=sequence,
        price=price,
        size=size,
    )


def heartbeat(source: str, event_time: int, ingest_time: int) -> MarketEvent:
    """Build the event that carries a venue's time while nothing trades."""
    return MarketEvent(
        event_id=f"{source}:heartbeat:{event_time}",
        source=source,
        kind="heartbeat",
        event_time=event_time,
        ingest_time=ingest_time,
        trading_day=utc_day(event_time),
    )


def feed_break(source: str, symbol: str, event_time: int, ingest_time: int) -> MarketEvent:
    """Build the event that says: trades of this symbol may be missing from here on.

    The candle of ``event_time`` and the symbol's next candle become partial.
    """
    return MarketEvent(
        event_id=f"{source}:{symbol}:break-{event_time}",
        source=source,
        kind="break",
        event_time=event_time,
        ingest_time=ingest_time,
        trading_day=utc_day(event_time),
        symbol=symbol,
    )


def feed_begin(source: str, symbol: str, first_time: int, ingest_time: int) -> MarketEvent:
    """Build the break with which a feed begins, given the first venue time seen for the symbol.

    It is stamped just before that minute, because a break makes its own candle and the next one
    partial: stamped inside the first minute it would also spoil the whole minute that follows.
    """
    minute = first_time - first_time % MICROSECONDS_PER_MINUTE
    return feed_break(source, symbol, minute - 1, ingest_time)
