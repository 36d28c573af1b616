"""Candles of any interval, as they are stored or made of stored ones."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from api.database import Database
from api.intervals import Interval
from api.queries.aggregation import aggregated
from api.queries.columns import Query, exact
from api.queries.window import Symbol, Window, within
from api.shapes.market import Candle
from db import models

_table = models.Candle
COLUMNS = (
    _table.bucket_start,
    *map(exact, (_table.open, _table.high, _table.low, _table.close, _table.volume, _table.vwap)),
    _table.trade_count,
    _table.is_final,
    _table.is_partial,
    _table.revision,
    _table.origin,
    _table.source,
)


def selected(symbol: Symbol, interval: Interval, window: Window, *, final_only: bool = False) -> Query:
    """Select candles; of a multiple also those that are not final: only the newest one is not, as a rule."""
    if not interval.is_stored:
        return aggregated(symbol, interval, window)
    query = within(select(*COLUMNS), symbol, interval.stored, window)
    return query.where(_table.is_final) if final_only else query


async def candles(database: Database, query: Query) -> list[Candle]:
    """Return the candles that a query selects."""
    return [Candle(*row) for row in await database.rows(query)]


def ends(symbol: str, interval: Interval) -> Query:
    """Select when the oldest and the newest stored candle of a symbol begin; null where it has none."""
    return select(func.min(_table.bucket_start), func.max(_table.bucket_start)).where(
        _table.symbol == symbol, _table.interval == interval.stored
    )


async def period(database: Database, symbol: str, interval: Interval) -> tuple[datetime, datetime] | None:
    """Return when the first and the last candle of a symbol begin, None where it has none."""
    row = await database.row(ends(symbol, interval))
    if row is None or row[0] is None:
        return None
    return interval.floor(row[0]), interval.floor(row[1])
