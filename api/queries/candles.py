"""Stored candles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from api.database import Database
from api.queries.columns import exact
from api.shapes.market import Candle
from db import models

STORED = ("1m", "5m", "15m", "1h", "1d")

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


@dataclass(frozen=True)
class Window:
    """Which candles are wanted: those that begin in `[start, end)`, at most `limit`, from one side."""

    start: datetime | None
    end: datetime | None
    limit: int
    newest_first: bool
    final_only: bool = False


def stored(symbol: str, interval: str, window: Window) -> Select[Any]:
    """Select candles of a stored interval."""
    query = select(*COLUMNS).where(_table.symbol == symbol, _table.interval == interval)
    if window.start is not None:
        query = query.where(_table.bucket_start >= window.start)
    if window.end is not None:
        query = query.where(_table.bucket_start < window.end)
    if window.final_only:
        query = query.where(_table.is_final)
    order = _table.bucket_start.desc() if window.newest_first else _table.bucket_start
    return query.order_by(order).limit(window.limit)


async def candles(database: Database, query: Select[Any]) -> list[Candle]:
    """Return the candles that a query selects."""
    return [Candle(*row) for row in await database.rows(query)]
