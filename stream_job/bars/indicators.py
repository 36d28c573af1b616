"""The indicators of series that only backfills have made: the Flink job never sees their candles.

A series is computed whole each time, for a bar that comes later may lie anywhere in it. As soon as the stream
makes one candle of a series, its indicators are the job's.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from io import StringIO
from typing import Any, Final

from sqlalchemy import Connection, select, text

from db.models import Asset, Candle
from producer.events import to_datetime, to_micros
from producer.trading_day import ALWAYS_OPEN, trading_day
from stream_job.indicators.candle import Candle as FinalCandle
from stream_job.indicators.series import IndicatorSeries, IndicatorValue

logger = logging.getLogger(__name__)

# Two years of hours, or eighty of days. A value costs a row, and a candle has some twenty.
MOST_CANDLES: Final = 20_000
# Far above what that many take on a loaded machine.
PATIENCE: Final = text("SET LOCAL statement_timeout = '10min'")

STAGE: Final = text(
    "CREATE TEMPORARY TABLE backfilled_indicators (bucket_start timestamptz, name text, value float8, "
    "revision bigint) ON COMMIT DROP"
)
COPY: Final = "COPY backfilled_indicators (bucket_start, name, value, revision) FROM STDIN"
MERGE: Final = text(
    """
    INSERT INTO indicators AS present (symbol, "interval", bucket_start, name, value, revision, updated_at)
    SELECT :symbol, :interval, bucket_start, name, value, revision, now() FROM backfilled_indicators
    ON CONFLICT (symbol, "interval", bucket_start, name) DO UPDATE SET
        value = EXCLUDED.value, revision = EXCLUDED.revision, updated_at = EXCLUDED.updated_at
    WHERE EXCLUDED.revision > present.revision
    """
)
# One index entry a series, however many candles there are.
WITHOUT_INDICATORS: Final = text(
    """
    WITH RECURSIVE series(symbol, "interval") AS (
        (SELECT symbol, "interval" FROM candles ORDER BY symbol, "interval" LIMIT 1)
        UNION ALL
        SELECT next.symbol, next."interval" FROM series AS one CROSS JOIN LATERAL (
            SELECT c.symbol, c."interval" FROM candles AS c
            WHERE (c.symbol, c."interval") > (one.symbol, one."interval")
            ORDER BY c.symbol, c."interval" LIMIT 1
        ) AS next
    )
    SELECT one.symbol, one."interval" FROM series AS one CROSS JOIN LATERAL (
        SELECT c.bucket_start, c.origin FROM candles AS c
        WHERE c.symbol = one.symbol AND c."interval" = one."interval" ORDER BY c.bucket_start DESC LIMIT 1
    ) AS newest
    WHERE newest.origin = 'backfill' AND NOT EXISTS (
        SELECT FROM indicators AS i
        WHERE i.symbol = one.symbol AND i."interval" = one."interval" AND i.bucket_start = newest.bucket_start
    )
    """
)


@dataclass(frozen=True, order=True)
class Series:
    """A symbol's candles of one interval."""

    symbol: str
    interval: str


def without_indicators(connection: Connection) -> list[Series]:
    """Return the series whose newest candle is backfilled and has none: a process may have ended before."""
    return [Series(*row) for row in connection.execute(WITHOUT_INDICATORS).all()]


def recompute(connection: Connection, series: Series) -> int:
    """Compute and write the indicators of a series; returns how many rows were new or changed.

    Leaves a series alone of which the stream has made a candle, or that is too long to be computed each time.
    """
    ours = (Candle.symbol == series.symbol) & (Candle.interval == series.interval)
    origins = select(Candle.origin).where(ours, Candle.origin == "stream").limit(1)
    if connection.scalar(origins) is not None:
        return 0
    rows = connection.execute(
        select(Candle)
        .with_only_columns(
            *(Candle.bucket_start, Candle.open, Candle.high, Candle.low, Candle.close),
            *(Candle.volume, Candle.vwap, Candle.revision),
        )
        .where(ours)
        .order_by(Candle.bucket_start)
        .limit(MOST_CANDLES + 1)
    ).all()
    if len(rows) > MOST_CANDLES:
        logger.warning(
            "%s %s has more than %d candles: its indicators are not computed",
            series.symbol,
            series.interval,
            MOST_CANDLES,
        )
        return 0
    calendar = connection.scalar(
        select(Asset.calendar).where(Asset.symbol == series.symbol, Asset.deleted_at.is_(None))
    )
    candles = (
        FinalCandle.from_exact(
            bucket_start=to_micros(start),
            trading_day=_day(series.interval, calendar or ALWAYS_OPEN, start),
            open=opened,
            high=high,
            low=low,
            close=close,
            volume=volume,
            vwap=vwap,
            revision=revision,
        )
        for start, opened, high, low, close, volume, vwap, revision in rows
    )
    return _write(connection, series, _values(candles))


def _day(interval: str, calendar: str, start: datetime) -> date:
    if interval == "1d":
        return start.date()
    return date.fromisoformat(trading_day(calendar, to_micros(start)).date)


def _values(candles: Iterable[FinalCandle]) -> Iterator[IndicatorValue]:
    series = IndicatorSeries()
    for candle in candles:
        changes = series.apply(candle)
        assert isinstance(changes, list)  # noqa: S101  # in order, nothing is too old
        yield from changes


def _write(connection: Connection, series: Series, values: Iterable[IndicatorValue]) -> int:
    lines = StringIO()
    for value in values:
        number = r"\N" if value.value is None else repr(value.value)
        start = to_datetime(value.bucket_start).isoformat()
        lines.write(f"{start}\t{value.name}\t{number}\t{value.revision}\n")
    lines.seek(0)
    connection.execute(PATIENCE)
    connection.execute(STAGE)
    driver: Any = connection.connection  # psycopg2's own, for COPY
    with driver.cursor() as cursor:
        cursor.copy_expert(COPY, lines)
    return connection.execute(MERGE, {"symbol": series.symbol, "interval": series.interval}).rowcount
