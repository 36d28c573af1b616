"""The indicators of series that only backfills have made: the Flink job never sees their candles.

A series is computed whole each time, for a bar that comes later may lie anywhere in it. As soon as the stream
makes one candle of a series, its indicators are the job's.
"""

import logging
from typing import Final

from sqlalchemy import Connection, func, select, text

from db.models import Candle
from stream_job import stored_indicators
from stream_job.stored_indicators import Series

logger = logging.getLogger(__name__)

# Two years of hours, or eighty of days. A value costs a row, and a candle has some twenty.
MOST_CANDLES: Final = 20_000
# Far above what that many take on a loaded machine.
PATIENCE: Final = text("SET LOCAL statement_timeout = '10min'")

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


def without_indicators(connection: Connection) -> list[Series]:
    """Return the series whose newest candle is backfilled and has none: a process may have ended before."""
    return [Series(*row) for row in connection.execute(WITHOUT_INDICATORS).all()]


def recompute(connection: Connection, series: Series) -> int:
    """Compute and write the indicators of a series; returns how many rows were new or changed.

    Leaves a series alone of which the stream has made a candle, or that is too long to be computed each time.
    """
    ours = (Candle.symbol == series.symbol) & (Candle.interval == series.interval)
    if connection.scalar(select(Candle.origin).where(ours, Candle.origin == "stream").limit(1)) is not None:
        return 0
    some = select(Candle.bucket_start).where(ours).limit(MOST_CANDLES + 1).subquery()
    if (connection.scalar(select(func.count()).select_from(some)) or 0) > MOST_CANDLES:
        logger.warning(
            "%s %s has more than %d candles: its indicators are not computed",
            series.symbol,
            series.interval,
            MOST_CANDLES,
        )
        return 0
    connection.execute(PATIENCE)
    return stored_indicators.recompute(connection, series)
