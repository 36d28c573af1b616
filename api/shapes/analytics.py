"""What is worked out of candles, as it is answered. Prices are exact, statistics binary floats."""

from __future__ import annotations

from datetime import datetime

import msgspec

from api.shapes.record import Exact, Page, Record


class Summary(msgspec.Struct):
    """A symbol over `[start, end)`, by its candles of one interval.

    `return` is close over open less 1, `range` high less low; `volatility` the sample deviation of the log
    returns from close to close, a candle, not annualised; `max_drawdown` the deepest fall from a close to a
    later one, as a fraction. Null where there are too few candles.
    """

    symbol: str
    interval: str
    source_kind: str
    start: datetime
    end: datetime
    candles: int
    open: Exact | None
    high: Exact | None
    low: Exact | None
    close: Exact | None
    range: Exact | None
    return_: float | None = msgspec.field(name="return")
    volatility: float | None
    max_drawdown: float | None
    volume: Exact
    average_volume: Exact | None
    vwap: Exact | None
    unfinished: int
    partial: int


class Mover(Record):
    """A symbol over the time that was asked for; `turnover` is volume times price."""

    symbol: str
    source_kind: str
    close: Exact
    change: float
    volume: Exact
    turnover: Exact
    newest: datetime


class Breadth(msgspec.Struct):
    """How many symbols have risen, fallen and stood still; and how many had no candle."""

    rising: int
    falling: int
    unchanged: int
    silent: int


class Overview(Page):
    """The market over a time that ends with the newest candle; in CSV and Arrow every symbol."""

    start: datetime | None
    end: datetime | None
    interval: str
    breadth: Breadth
    gainers: list[Mover]
    losers: list[Mover]
    most_active: list[Mover]


class VolumeGroup(Record):
    """The mean volume of a group's candles: of a symbol, or of an hour of the UTC day of one."""

    symbol: str
    hour: int | None
    candles: int
    average_volume: Exact
    total_volume: Exact
    average_trade_count: float


class Volumes(Page):
    """Average volumes."""

    interval: str
    start: datetime
    end: datetime
    volumes: list[VolumeGroup]


class Correlation(Record):
    """Pearson's correlation of two symbols' log returns, over the candles that both have.

    Null where there are fewer than three of them, or where one price never moved.
    """

    symbol: str
    other: str
    returns: int
    correlation: float | None


class Correlations(Page):
    """Correlations of all pairs."""

    interval: str
    start: datetime
    end: datetime
    correlations: list[Correlation]
