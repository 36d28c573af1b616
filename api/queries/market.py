"""Questions to the candles of many symbols at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Double, cast, extract, func, lateral, null, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by

from api.intervals import LENGTHS
from api.queries.columns import Query, exact
from db import models

_table = models.Candle
MOST_CANDLES_A_SYMBOL = 60
DIGITS = 18


def base_of(length: timedelta) -> str:
    """Return the shortest stored interval of which a time has at most sixty candles, else the longest."""
    return next((name for name, one in LENGTHS.items() if length <= MOST_CANDLES_A_SYMBOL * one), "1d")


def newest(interval: str) -> Query:
    """Select when the newest candle of an interval begins, of whatever symbol."""
    query: Query = (
        select(_table.bucket_start)
        .where(_table.interval == interval)
        .order_by(_table.bucket_start.desc())
        .limit(1)
    )
    return query


def followed() -> Query:
    """Select how many symbols are followed."""
    query: Query = select(func.count()).select_from(models.Asset).where(models.Asset.deleted_at.is_(None))
    return query


def movements(interval: str, start: datetime, end: datetime) -> Query:
    """Select each followed symbol that has candles in `[start, end)`: close, change, volume and turnover."""
    opened = func.array_agg(aggregate_order_by(_table.open, _table.bucket_start))[1]
    closed = func.array_agg(aggregate_order_by(_table.close, _table.bucket_start.desc()))[1]
    price = func.coalesce(_table.vwap, _table.close)
    over = lateral(
        select(
            closed.label("close"),
            cast(closed.op("/")(opened) - 1, Double).label("change"),
            func.sum(_table.volume).label("volume"),
            func.sum(_table.volume * price).label("turnover"),
            func.max(_table.bucket_start).label("newest"),
        )
        .where(
            _table.symbol == models.Asset.symbol,
            _table.interval == interval,
            _table.bucket_start >= start,
            _table.bucket_start < end,
        )
        .having(func.count() > 0)
    )
    columns = over.c
    query: Query = (
        select(
            models.Asset.symbol,
            models.DataSource.kind,
            exact(columns.close),
            columns.change,
            exact(columns.volume),
            exact(func.round(columns.turnover, DIGITS)),
            columns.newest,
        )
        .select_from(models.Asset)
        .join(models.DataSource, models.DataSource.name == models.Asset.source)
        .join(over, true())
        .where(models.Asset.deleted_at.is_(None))
        .order_by(models.Asset.symbol)
    )
    return query


def volumes(interval: str, start: datetime, end: datetime, symbols: Sequence[str], *, by_hour: bool) -> Query:
    """Select mean volumes of the final candles in `[start, end)`, of some symbols or of all."""
    hour = cast(extract("hour", _table.bucket_start), models.Candle.trade_count.type) if by_hour else null()
    query = select(
        _table.symbol,
        hour,
        func.count(),
        exact(func.round(func.avg(_table.volume), DIGITS)),
        exact(func.sum(_table.volume)),
        cast(func.avg(_table.trade_count), Double),
    ).where(
        _table.interval == interval, _table.bucket_start >= start, _table.bucket_start < end, _table.is_final
    )
    if symbols:
        query = query.where(_table.symbol.in_(symbols))
    keys = (_table.symbol, hour) if by_hour else (_table.symbol,)
    ordered: Query = query.group_by(*keys).order_by(*keys)
    return ordered


def closes(symbol: str, interval: str, start: datetime, end: datetime) -> Query:
    """Select when the final candles of a stored interval begin, and their closes as floats."""
    query: Query = (
        select(_table.bucket_start, cast(_table.close, Double))
        .where(
            _table.symbol == symbol,
            _table.interval == interval,
            _table.bucket_start >= start,
            _table.bucket_start < end,
            _table.is_final,
        )
        .order_by(_table.bucket_start)
    )
    return query
