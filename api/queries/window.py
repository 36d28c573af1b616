"""Which rows of a time series are wanted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement

from api.queries.columns import Query
from db import models

# A column of a query around this one, too: then each of its rows has a time series.
Symbol = str | ColumnElement[str]

_table = models.Candle


@dataclass(frozen=True)
class Window:
    """The candles that begin in `[start, end)`, at most `limit` from one side."""

    start: datetime | None
    end: datetime | None
    limit: int
    newest_first: bool = False


def within(query: Query, symbol: Symbol, interval: str, window: Window) -> Query:
    """Narrow a query of candles of a stored interval down to a window, in its order."""
    query = query.where(_table.symbol == symbol, _table.interval == interval)
    if window.start is not None:
        query = query.where(_table.bucket_start >= window.start)
    if window.end is not None:
        query = query.where(_table.bucket_start < window.end)
    order = _table.bucket_start.desc() if window.newest_first else _table.bucket_start
    return query.order_by(order).limit(window.limit)
