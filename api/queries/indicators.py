"""Stored values of indicators."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from api.database import Database
from api.queries.columns import Query
from api.queries.window import Window
from api.shapes.indicators import IndicatorValue
from db import models

_table = models.Indicator


def stored(symbol: str, interval: str, names: Sequence[str], window: Window) -> Query:
    """Select the values of some names; the window's limit is one of candles, not of values."""
    query = select(_table.bucket_start, _table.name, _table.value).where(
        _table.symbol == symbol, _table.interval == interval
    )
    if window.start is not None:
        query = query.where(_table.bucket_start >= window.start)
    if window.end is not None:
        query = query.where(_table.bucket_start < window.end)
    key = (_table.bucket_start, _table.name)
    order = [column.desc() for column in key] if window.newest_first else key
    return query.where(_table.name.in_(names)).order_by(*order).limit(window.limit * len(names))


async def values(
    database: Database, symbol: str, interval: str, names: Sequence[str], window: Window
) -> tuple[list[IndicatorValue], bool]:
    """Return the values of at most `window.limit` candles, and whether there are more behind them."""
    # A candle has at most one value of each name: so many rows hold the limit's candles whole.
    one_more = Window(window.start, window.end, window.limit + 1, window.newest_first)
    query = stored(symbol, interval, names, one_more)
    found = [IndicatorValue(*row) for row in await database.rows(query)]
    times = list(dict.fromkeys(value.bucket_start for value in found))
    kept = set(times[: window.limit])
    return [value for value in found if value.bucket_start in kept], len(times) > window.limit
