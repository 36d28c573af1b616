"""Candles, as they are answered."""

from __future__ import annotations

from datetime import datetime

import msgspec

from api.shapes.record import Exact, Page, Record


class Candle(Record):
    """Prices and volume of the time from `bucket_start` on, as docs/candles.md explains each field.

    Where `is_filled`, nothing traded: the prices are the close before it, or null.
    """

    bucket_start: datetime
    open: Exact | None
    high: Exact | None
    low: Exact | None
    close: Exact | None
    volume: Exact | None
    vwap: Exact | None
    trade_count: int
    is_final: bool
    is_partial: bool
    revision: int | None
    origin: str | None
    source: str | None
    is_filled: bool = False


class Candles(Page):
    """Candles of a symbol."""

    symbol: str
    interval: str
    source_kind: str
    candles: list[Candle]


class LatestCandle(msgspec.Struct):
    """The newest candle of a symbol."""

    symbol: str
    interval: str
    source_kind: str
    candle: Candle | None
