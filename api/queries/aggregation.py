"""Candles of a multiple of a stored interval, made of stored ones by the database."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, Interval, and_, case, cast, func, literal, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import InstrumentedAttribute

from api import intervals
from api.queries.columns import Query, exact
from api.queries.window import Symbol, Window, within
from db import models

# How late an event may be that still corrects a candle.
LATENESS = timedelta(minutes=10)
DIGITS = 18

_table = models.Candle


def aggregated(symbol: Symbol, interval: intervals.Interval, window: Window) -> Query:
    """Select candles of a multiple: those that begin in the window, each made of all that it is made of.

    What is read has a limit, too: so many buckets have at most `limit * count` stored candles. Of the last
    bucket some may be missing then, so ask for one more than is needed.
    """
    start = None if window.start is None else interval.ceil(window.start)
    end = None if window.end is None else interval.ceil(window.end)
    read = Window(start, end, window.limit * interval.count, window.newest_first)
    bucket = func.date_bin(_span(interval.length), _table.bucket_start, literal(interval.origin))
    parts = within(select(_table, bucket.label("bucket")), symbol, interval.stored, read).subquery("parts")
    part = parts.c
    traded = and_(part.vwap.is_not(None), part.volume > 0)
    turnover = func.sum(case((traded, part.vwap * part.volume)))
    # Not `/`, which SQLAlchemy makes a cast to the digits of a column.
    vwap = turnover.op("/")(func.sum(case((traded, part.volume))))
    order = part.bucket.desc() if window.newest_first else part.bucket
    return (
        select(
            part.bucket,
            exact(_first(part.open, part.bucket_start)),
            exact(func.max(part.high)),
            exact(func.min(part.low)),
            exact(_first(part.close, part.bucket_start.desc())),
            exact(func.sum(part.volume)),
            exact(func.round(vwap, DIGITS)),
            cast(func.sum(part.trade_count), models.Candle.trade_count.type),
            and_(func.bool_and(part.is_final), _has_ended(part.bucket, symbol, interval)),
            func.bool_or(part.is_partial),
            cast(func.sum(part.revision), models.Candle.revision.type),
            func.string_agg(part.origin.distinct(), aggregate_order_by(literal(","), part.origin)),
            func.string_agg(part.source.distinct(), aggregate_order_by(literal(","), part.source)),
        )
        .group_by(part.bucket)
        .order_by(order)
        .limit(window.limit)
    )


def _has_ended(
    bucket: ColumnElement[object], symbol: Symbol, interval: intervals.Interval
) -> ColumnElement[bool]:
    """Whether the watermark is known to have passed the end: by a final candle at it, or by the clock."""
    newest = (
        select(func.max(_table.bucket_start))
        .where(_table.symbol == symbol, _table.interval == interval.stored, _table.is_final)
        .scalar_subquery()
    )
    last_part = bucket + _span(interval.length - interval.stored_length)
    return or_(last_part <= newest, bucket + _span(interval.length + LATENESS) <= func.now())


def _first(
    column: ColumnElement[object], order: ColumnElement[object] | InstrumentedAttribute[object]
) -> ColumnElement[object]:
    return func.array_agg(aggregate_order_by(column, order))[1]


def _span(length: timedelta) -> ColumnElement[timedelta]:
    return literal(length, Interval)
