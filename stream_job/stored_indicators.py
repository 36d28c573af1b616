"""The indicators of a whole series of stored candles, computed anew, without the Flink job."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection, Row, func, select, text
from sqlalchemy.dialects.postgresql import distinct_on

from db.models import Asset, Candle, Snapshot
from producer.events import to_datetime, to_micros
from producer.trading_day import ALWAYS_OPEN, trading_day
from stream_job.indicators.candle import Candle as FinalCandle
from stream_job.indicators.indicator_set import IndicatorSet
from stream_job.indicators.series import IndicatorValue
from stream_job.intervals import LENGTH

VALUES_AT_A_TIME: Final = 50_000
READ: Final = ("bucket_start", "open", "high", "low", "close", "volume", "vwap", "revision")

STAGE: Final = text(
    "CREATE TEMPORARY TABLE IF NOT EXISTS computed_indicators (bucket_start timestamptz, name text, "
    "value float8, revision bigint) ON COMMIT DROP"
)
COPY: Final = "COPY computed_indicators (bucket_start, name, value, revision) FROM STDIN"
# What is equal stays, with its revision, as where the job corrects a series.
MERGE: Final = text(
    """
    INSERT INTO indicators AS present (symbol, "interval", bucket_start, name, value, revision, updated_at)
    SELECT :symbol, :interval, bucket_start, name, value, revision, now() FROM computed_indicators
    ON CONFLICT (symbol, "interval", bucket_start, name) DO UPDATE SET
        value = EXCLUDED.value, revision = EXCLUDED.revision, updated_at = EXCLUDED.updated_at
    WHERE EXCLUDED.value IS DISTINCT FROM present.value
    """
)
CLEAR: Final = text("TRUNCATE computed_indicators")


@dataclass(frozen=True, order=True)
class Series:
    """A symbol's candles of one interval."""

    symbol: str
    interval: str


def recompute(
    connection: Connection, series: Series, start: datetime | None = None, until: datetime | None = None
) -> int:
    """Write the values that are missing or differ, of final candles; returns how many.

    They are computed from the series' first candle on, as a mean may reach back that far; written are those
    from `start` on, of candles that end by `until`, by default all. The caller commits.

    Raises:
        ValueError: the symbol's calendar is none, or does not reach as far as its candles.
    """
    values = _values(connection, series, start, until)
    connection.execute(STAGE)
    written = 0
    while some := list(islice(values, VALUES_AT_A_TIME)):
        written += _write(connection, series, some)
    return written


def _values(
    connection: Connection, series: Series, start: datetime | None, until: datetime | None
) -> Iterator[IndicatorValue]:
    candles = _candles(connection, series, until)
    first = to_micros(start) if start else None
    days = _TradingDays(connection, series, candles, start)
    indicators = IndicatorSet()
    revision = 0
    for row in candles:
        candle = _as_read(row, days.of(row.bucket_start))
        revision += candle.revision
        for name, value in indicators.update(candle).items():
            if first is None or candle.bucket_start >= first:
                yield IndicatorValue(candle.bucket_start, name, value, revision)


def _candles(connection: Connection, series: Series, until: datetime | None) -> Sequence[Row[Any]]:
    columns = Candle.__table__.columns
    query = (
        select(*(columns[name] for name in READ))
        .where(columns.symbol == series.symbol, columns.interval == series.interval, columns.is_final)
        .order_by(columns.bucket_start)
    )
    if until is not None:
        query = query.where(columns.bucket_start <= until - LENGTH[series.interval])
    return connection.execute(query).all()


class _TradingDays:
    """The venue's trading day of each candle of a series: candles themselves do not say."""

    def __init__(
        self, connection: Connection, series: Series, candles: Sequence[Row[Any]], start: datetime | None
    ) -> None:
        self._is_daily = series.interval == "1d"
        self._told: dict[datetime, date] = {}
        self._calendar = ALWAYS_OPEN
        if candles and not self._is_daily:
            # A day before what is written: no trading day that began earlier reaches into it.
            first = (
                max(candles[0].bucket_start, start - timedelta(days=1)) if start else candles[0].bucket_start
            )
            end = candles[-1].bucket_start + LENGTH[series.interval]
            self._told = _told_days(connection, series, first, end)
            self._calendar = _calendar(connection, series.symbol)

    def of(self, bucket_start: datetime) -> date:
        """What its last raw event said, or the calendar of the symbol's venue where none is kept."""
        if self._is_daily:
            return bucket_start.astimezone(UTC).date()
        told = self._told.get(bucket_start)
        return told or date.fromisoformat(trading_day(self._calendar, to_micros(bucket_start)).date)


def _told_days(
    connection: Connection, series: Series, start: datetime, end: datetime
) -> dict[datetime, date]:
    columns = Snapshot.__table__.columns
    bucket = func.date_bin(LENGTH[series.interval], columns.event_time, to_datetime(0))
    query = (
        select(bucket, columns.trading_day)
        .where(
            columns.symbol == series.symbol,
            columns.event_time >= start,
            columns.event_time < end,
            columns.price.is_not(None),
            columns.trading_day.is_not(None),
        )
        .order_by(bucket, columns.event_time.desc())
        .ext(distinct_on(bucket))
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def _calendar(connection: Connection, symbol: str) -> str:
    query = select(Asset.calendar).where(Asset.symbol == symbol, Asset.deleted_at.is_(None))
    return connection.scalar(query) or ALWAYS_OPEN


def _as_read(row: Row[Any], day: date) -> FinalCandle:
    return FinalCandle.from_exact(
        bucket_start=to_micros(row.bucket_start),
        trading_day=day,
        open=row.open,
        high=row.high,
        low=row.low,
        close=row.close,
        volume=row.volume,
        vwap=row.vwap,
        revision=row.revision,
    )


def _write(connection: Connection, series: Series, values: Sequence[IndicatorValue]) -> int:
    lines = StringIO()
    for value in values:
        number = r"\N" if value.value is None else repr(value.value)
        start = to_datetime(value.bucket_start).isoformat()
        lines.write(f"{start}\t{value.name}\t{number}\t{value.revision}\n")
    lines.seek(0)
    driver: Any = connection.connection  # psycopg2's own, for COPY
    with driver.cursor() as cursor:
        cursor.copy_expert(COPY, lines)
    rows = connection.execute(MERGE, {"symbol": series.symbol, "interval": series.interval}).rowcount
    connection.execute(CLEAR)
    return rows
