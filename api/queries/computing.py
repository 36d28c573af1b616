"""Values of indicators that are not stored, computed from final candles."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from api.analytics.indicators import ALL, DAY, Computation
from api.database import Database
from api.errors import InvalidRequestError
from api.queries import candle_pages, candles
from api.queries.candle_pages import MOST_READ, Wanted
from api.queries.window import Window
from api.shapes.indicators import IndicatorValue
from api.shapes.market import Candle
from producer.events import to_micros
from producer.trading_day import ALWAYS_OPEN, trading_day
from stream_job.indicators.candle import Candle as FinalCandle
from stream_job.indicators.indicator_set import IndicatorSet

# After hours, the days until the next session belong to the one before.
LONGEST_TRADING_DAY = timedelta(days=4)
LONGEST_LOOK_BACK = 50_000


async def values(
    database: Database, wanted: Wanted, computations: Sequence[Computation], window: Window
) -> tuple[list[IndicatorValue], bool]:
    """Return the values of at most `window.limit` final candles, and whether there are more behind them.

    Raises :class:`InvalidRequestError` where that would need too many stored candles.
    """
    interval = wanted.interval
    looks_back = max(_looks_back(one, interval.length, interval.count) for one in computations)
    if (window.limit + looks_back) * interval.count > MOST_READ:
        raise InvalidRequestError(
            f"interval: {looks_back:,} candles of {interval.name} before the first value and "
            f"{window.limit:,} for the values are made of more than {MOST_READ:,} of {interval.stored}: ask "
            f"for a shorter period, a smaller limit or a longer interval."
        )
    part = await candle_pages.page(database, wanted, window)
    rows = part.rows[::-1] if window.newest_first else part.rows
    if not rows:
        return [], part.has_more
    earlier = Window(None, rows[0].bucket_start, looks_back, newest_first=True)
    before: list[Candle] = []
    if looks_back:
        query = candles.selected(wanted.asset.symbol, interval, earlier, final_only=True)
        before = (await candles.candles(database, query))[::-1]
    needs_day = any(one.looks_back == DAY for one in computations)
    calendar = wanted.asset.calendar if needs_day else ALWAYS_OPEN
    found = await asyncio.to_thread(_computed, computations, before, rows, calendar, interval.is_of_days)
    return found[::-1] if window.newest_first else found, part.has_more


def _looks_back(computation: Computation, length: timedelta, count: int) -> int:
    if computation.looks_back == DAY:
        return max(1, LONGEST_TRADING_DAY // length)
    if computation.looks_back == ALL:
        return LONGEST_LOOK_BACK // count
    return computation.looks_back


def _computed(
    computations: Sequence[Computation],
    before: Sequence[Candle],
    rows: Sequence[Candle],
    calendar: str,
    is_of_days: bool,
) -> list[IndicatorValue]:
    series = IndicatorSet([one.definition for one in computations])
    for candle in before:
        series.update(_as_final(candle, calendar, is_of_days))
    return [
        IndicatorValue(candle.bucket_start, name, value)
        for candle in rows
        for name, value in series.update(_as_final(candle, calendar, is_of_days)).items()
    ]


def _as_final(candle: Candle, calendar: str, is_of_days: bool) -> FinalCandle:
    start = to_micros(candle.bucket_start)
    day = candle.bucket_start.date()
    if calendar != ALWAYS_OPEN and not is_of_days:
        try:
            day = day.fromisoformat(trading_day(calendar, start).date)
        except ValueError as error:
            raise InvalidRequestError(f"type: vwap_day needs the venue's calendar. {error}") from None
    opened, high, low, closed, volume = (
        float(text or 0) for text in (candle.open, candle.high, candle.low, candle.close, candle.volume)
    )
    vwap = None if candle.vwap is None else float(candle.vwap)
    return FinalCandle(start, day, opened, high, low, closed, volume, vwap)
