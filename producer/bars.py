"""The historical bar: a candle that a provider has finished, as it travels to `market.bars`.

Times are integer microseconds since the epoch, UTC. Prices and sizes are :class:`~decimal.Decimal` and are
written as JSON numbers digit for digit, as those of market events are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final, Literal

import msgspec

from producer.events import MICROSECONDS_PER_DAY, MICROSECONDS_PER_MINUTE

Interval = Literal["1m", "5m", "15m", "1h", "1d"]

INTERVAL_MICROS: Final[dict[Interval, int]] = {
    "1m": MICROSECONDS_PER_MINUTE,
    "5m": 5 * MICROSECONDS_PER_MINUTE,
    "15m": 15 * MICROSECONDS_PER_MINUTE,
    "1h": 60 * MICROSECONDS_PER_MINUTE,
    "1d": MICROSECONDS_PER_DAY,
}

BARS_PER_MESSAGE = 500

_EPOCH_DAY = date(1970, 1, 1)


class Bar(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What was traded in `[bucket_start, end)`; a field that is absent on the wire is None here.

    ``bucket_start`` is by the UTC clock; that of a day is midnight UTC of ``trading_day``, wherever the venue
    is. ``session_end`` is when the venue's session of that day closes, as in a market event: None at a venue
    that never closes. ``trade_count`` and ``vwap`` are None where the provider does not tell them.
    """

    source: str
    symbol: str
    interval: Interval
    bucket_start: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    trading_day: str
    vwap: Decimal | None = None
    trade_count: int | None = None
    session_end: int | None = None

    @property
    def end(self) -> int:
        """When it was finished: its bucket's end, or for a day the close of its session."""
        if self.interval == "1d" and self.session_end is not None:
            return self.session_end
        return self.bucket_start + INTERVAL_MICROS[self.interval]


_encoder = msgspec.json.Encoder(decimal_format="number")
_decoder = msgspec.json.Decoder(list[Bar])


def encode_bars(bars: Sequence[Bar]) -> bytes:
    """Return the message body for these bars: a JSON array with exact decimals."""
    return _encoder.encode(bars)


def decode_bars(body: bytes) -> list[Bar]:
    """Read a message body; raises :class:`msgspec.DecodeError` if it is not an array of bars."""
    return _decoder.decode(body)


def bars_message_id(body: bytes) -> str:
    """Return the id of a message of bars: it follows from the bytes, so a retry has the same."""
    return f"bars-{hashlib.sha256(body).hexdigest()[:32]}"


def day_start(day: date) -> int:
    """Return midnight UTC of a date: the ``bucket_start`` of the bar of that trading day."""
    return (day - _EPOCH_DAY).days * MICROSECONDS_PER_DAY
