"""A page of candles, filled where that is asked for."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Literal

from api.analytics.filling import Fill, filled
from api.analytics.openings import expected
from api.database import Database
from api.errors import InvalidRequestError
from api.intervals import Interval
from api.queries import candles as queries
from api.queries.window import Window
from api.shapes.market import Candle
from api.shapes.reference import Asset

MOST_READ = 200_000


@dataclass(frozen=True)
class Wanted:
    """What a reader asks for."""

    asset: Asset
    interval: Interval
    fill: Literal["none", "previous", "null"] = "none"
    final_only: bool = False


@dataclass(frozen=True)
class Part:
    """Candles in the order that was asked for, and whether there are more behind them.

    ``last`` is where the page ends, also where its last candle was left out.
    """

    rows: list[Candle]
    has_more: bool
    last: datetime | None


def check_size(interval: Interval, limit: int) -> None:
    """Raise :class:`InvalidRequestError` where a page would be made of too many stored candles."""
    if interval.count * limit > MOST_READ:
        raise InvalidRequestError(
            f"limit: {limit:,} candles of {interval.name} are made of {limit * interval.count:,} candles of "
            f"{interval.stored}, and at most {MOST_READ:,} are read: ask for at most "
            f"{MOST_READ // interval.count:,}, or for a longer interval."
        )


async def page(database: Database, wanted: Wanted, window: Window) -> Part:
    """Return a page of at most `window.limit` candles."""
    one_more = Window(window.start, window.end, window.limit + 1, window.newest_first)
    if wanted.fill == "none":
        query = queries.selected(wanted.asset.symbol, wanted.interval, one_more, final_only=wanted.final_only)
        found = await queries.candles(database, query)
    else:
        found = await _with_filled(database, wanted, one_more, wanted.fill)
    rows, has_more = found[: window.limit], len(found) > window.limit
    last = rows[-1].bucket_start if rows else None
    if wanted.final_only:
        rows = [row for row in rows if row.is_final]
    return Part(rows, has_more, last)


async def _with_filled(database: Database, wanted: Wanted, window: Window, how: Fill) -> list[Candle]:
    """Fill between the first and the newest candle of the symbol: what is later may still come in."""
    symbol, interval = wanted.asset.symbol, wanted.interval
    period = await queries.period(database, symbol, interval)
    if period is None:
        return []
    oldest, newest = period
    start = max(window.start or oldest, oldest)
    end = min(window.end or newest + interval.length, newest + interval.length)
    bounded = Window(start, end, window.limit, window.newest_first)
    stored = await queries.candles(database, queries.selected(symbol, interval, bounded))
    moments = await asyncio.to_thread(
        lambda: list(
            islice(
                expected(wanted.asset.calendar, interval, start, end, newest_first=window.newest_first),
                window.limit,
            )
        )
    )
    chosen = sorted({candle.bucket_start for candle in stored} | set(moments), reverse=window.newest_first)[
        : window.limit
    ]
    if not chosen:
        return []
    wanted_moments = set(chosen)
    kept = [candle for candle in stored if candle.bucket_start in wanted_moments]
    before = await _before(database, symbol, interval, min(chosen)) if how == "previous" else None
    rows = filled(kept, chosen, before, how)
    return rows[::-1] if window.newest_first else rows


async def _before(database: Database, symbol: str, interval: Interval, moment: datetime) -> Candle | None:
    query = queries.selected(symbol, interval, Window(None, moment, 1, newest_first=True))
    found = await queries.candles(database, query)
    return found[0] if found else None
