"""The indicators of a whole series of stored candles, computed anew."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection, Row, func, select
from sqlalchemy.dialects.postgresql import insert

from db.models import Candle, Indicator, Snapshot
from stream_job.indicators.candle import Candle as IndicatorCandle
from stream_job.indicators.indicator_set import IndicatorSet
from stream_job.rebuild.stored_candles import LENGTH

ROWS_AT_A_TIME: Final = 5_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def recompute(connection: Connection, symbol: str, interval: str, start: datetime, until: datetime) -> int:
    """Write the values from `start` on that differ, of candles that end by `until`; returns how many.

    They are computed from the series' first candle on, as a mean may reach back that far. The caller
    commits.
    """
    values = _values(connection, symbol, interval, start, until)
    written = 0
    while rows := list(islice(values, ROWS_AT_A_TIME)):
        statement = insert(Indicator).values(rows)
        new = statement.excluded
        result = connection.execute(
            statement.on_conflict_do_update(
                index_elements=["symbol", "interval", "bucket_start", "name"],
                set_={"value": new.value, "revision": new.revision},
                where=Indicator.value.is_distinct_from(new.value),
            )
        )
        written += result.rowcount
    return written


def _values(
    connection: Connection, symbol: str, interval: str, start: datetime, until: datetime
) -> Iterator[dict[str, object]]:
    query = (
        select(Candle.__table__)
        .where(
            Candle.symbol == symbol,
            Candle.interval == interval,
            Candle.is_final,
            Candle.bucket_start <= until - LENGTH[interval],
        )
        .order_by(Candle.bucket_start)
    )
    days = _trading_days(connection, symbol, interval, start, until)
    indicators = IndicatorSet()
    revision = 0
    for row in connection.execute(query):
        revision += row.revision
        for name, value in indicators.update(_as_read(row, days)).items():
            if row.bucket_start >= start:
                yield {
                    "symbol": symbol,
                    "interval": interval,
                    "bucket_start": row.bucket_start,
                    "name": name,
                    "value": value,
                    "revision": revision,
                }


def _trading_days(
    connection: Connection, symbol: str, interval: str, start: datetime, until: datetime
) -> dict[datetime, date]:
    """The venue's trading day of each candle, by its last event: candles themselves do not say."""
    if interval == "1d":
        return {}
    columns = Snapshot.__table__.columns
    bucket = func.date_bin(LENGTH[interval], columns.event_time, _EPOCH)
    query = (
        select(bucket, columns.trading_day)
        .where(
            columns.symbol == symbol,
            columns.event_time >= start - timedelta(days=1),
            columns.event_time < until,
            columns.price.is_not(None),
            columns.trading_day.is_not(None),
        )
        .order_by(bucket, columns.event_time.desc())
        .distinct(bucket)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def _as_read(row: Row[Any], days: dict[datetime, date]) -> IndicatorCandle:
    return IndicatorCandle.from_exact(
        bucket_start=(row.bucket_start - _EPOCH) // timedelta(microseconds=1),
        trading_day=days.get(row.bucket_start, row.bucket_start.astimezone(UTC).date()),
        open=row.open,
        high=row.high,
        low=row.low,
        close=row.close,
        volume=row.volume,
        vwap=row.vwap,
        revision=row.revision,
    )
