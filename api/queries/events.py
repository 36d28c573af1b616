"""Raw events and forecasts of a symbol, gaps, runs and alerts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Numeric, and_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from api.queries.columns import Query, exact
from api.shapes import events as shapes
from api.shapes.record import Record
from db import models

TimeOf = InstrumentedAttribute[datetime]


def snapshots(
    symbol: str,
    bounds: tuple[datetime | None, datetime | None],
    after: tuple[datetime, str] | None,
    limit: int,
    *,
    newest_first: bool,
) -> Query:
    """Select raw events by time, then id, behind the one whose time and id are given."""
    table = models.Snapshot
    query = _columns(table, shapes.Snapshot).where(table.symbol == symbol)
    query = query.where(*_between(table.event_time, *bounds))
    if after is not None:
        query = query.where(_behind((table.event_time, table.event_id), after, newest_first))
        # The row's comparison leaves no partition out, this one does.
        query = query.where(table.event_time <= after[0] if newest_first else table.event_time >= after[0])
    return _ordered(query, (table.event_time, table.event_id), newest_first).limit(limit)


def gaps(symbol: str | None, is_open: bool | None, before_id: int | None, limit: int) -> Query:
    """Select gaps, the newest first."""
    table = models.Gap
    query = _columns(table, shapes.Gap)
    if symbol is not None:
        query = query.where(table.symbol == symbol)
    if is_open is not None:
        query = query.where(table.closed_at.is_(None) if is_open else table.closed_at.is_not(None))
    if before_id is not None:
        query = query.where(table.id < before_id)
    return query.order_by(table.id.desc()).limit(limit)


def runs(kind: str | None, status: str | None, before_id: int | None, limit: int) -> Query:
    """Select runs, the newest first."""
    table = models.IngestRun
    query = _columns(table, shapes.Run)
    if kind is not None:
        query = query.where(table.kind == kind)
    if status is not None:
        query = query.where(table.status == status)
    if before_id is not None:
        query = query.where(table.id < before_id)
    return query.order_by(table.id.desc()).limit(limit)


def forecasts(
    symbol: str,
    interval: str,
    bounds: tuple[datetime | None, datetime | None],
    after: tuple[datetime, str] | None,
    limit: int,
    *,
    newest_first: bool,
    all_models: bool,
) -> Query:
    """Select forecasts of a symbol and a stored interval, by time, then model."""
    table = models.Forecast
    query = _columns(table, shapes.Forecast).where(table.symbol == symbol, table.interval == interval)
    if not all_models:
        query = query.where(table.is_chosen)
    query = query.where(*_between(table.bucket_start, *bounds))
    if after is not None:
        query = query.where(_behind((table.bucket_start, table.model), after, newest_first))
    return _ordered(query, (table.bucket_start, table.model), newest_first).limit(limit)


def alert_rules(symbol: str | None, after_id: int | None, limit: int) -> Query:
    """Select rules that are not deleted, the oldest first."""
    table = models.AlertRule
    query = _columns(table, shapes.AlertRule).where(table.deleted_at.is_(None))
    if symbol is not None:
        query = query.where(table.symbol == symbol)
    if after_id is not None:
        query = query.where(table.id > after_id)
    return query.order_by(table.id).limit(limit)


def alert_events(
    symbol: str | None,
    bounds: tuple[datetime | None, datetime | None],
    before: tuple[datetime, int, str] | None,
    limit: int,
) -> Query:
    """Select alerts, the newest first."""
    table = models.AlertEvent
    key = (table.event_time, table.rule_id, table.symbol)
    query = _columns(table, shapes.AlertEvent).where(*_between(table.event_time, *bounds))
    if symbol is not None:
        query = query.where(table.symbol == symbol)
    if before is not None:
        query = query.where(_behind(key, before, newest_first=True))
    return _ordered(query, key, newest_first=True).limit(limit)


def _columns(table: type[models.Base], shape: type[Record]) -> Query:
    """Select the columns of a table that a record has fields for, decimals as text."""
    columns = (table.__table__.columns[name] for name in shape.__struct_fields__)
    shown: Iterable[ColumnElement[Any]] = (
        exact(column) if isinstance(column.type, Numeric) and column.type.python_type is Decimal else column
        for column in columns
    )
    query: Query = select(*shown)
    return query


def _between(time: TimeOf, start: datetime | None, end: datetime | None) -> list[ColumnElement[bool]]:
    return [
        *([time >= start] if start is not None else []),
        *([time < end] if end is not None else []),
    ]


def _behind(
    key: tuple[InstrumentedAttribute[object], ...] | tuple[object, ...],
    values: tuple[object, ...],
    newest_first: bool,
) -> ColumnElement[bool]:
    row = tuple_(*key)
    return and_(row < values if newest_first else row > values)


def _ordered(query: Query, key: tuple[object, ...], newest_first: bool) -> Query:
    columns: list[InstrumentedAttribute[object]] = list(key)  # type: ignore[arg-type]
    return query.order_by(*(column.desc() if newest_first else column for column in columns))
