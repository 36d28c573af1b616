"""Deletes old forecasts with their scores.

A forecast goes when its candle, and the forecast itself, are older than they are kept. One whose candle has
not come stays, until a later one of its series is scored: the market has passed it by then.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, func, select, text

from db.settings import DatabaseSettings

BATCH = 5_000

# One step in the key's index for each series, and none for each forecast.
_SERIES = text(
    """
    WITH RECURSIVE series AS (
        (SELECT symbol FROM forecasts ORDER BY symbol LIMIT 1)
        UNION ALL
        SELECT following.symbol FROM series CROSS JOIN LATERAL (
            SELECT symbol FROM forecasts WHERE symbol > series.symbol ORDER BY symbol LIMIT 1
        ) AS following
    )
    SELECT symbol FROM series
    """
)
_DELETION = text(
    """
    DELETE FROM forecasts WHERE ctid = ANY (ARRAY(
        SELECT old.ctid FROM forecasts AS old
        WHERE symbol = :symbol AND interval = :interval AND bucket_start < :cutoff AND created_at < :cutoff
            AND EXISTS (
                SELECT FROM forecast_scores AS score
                WHERE score.symbol = old.symbol AND score.interval = old.interval
                    AND score.bucket_start >= old.bucket_start
                    AND (score.bucket_start > old.bucket_start OR score.model = old.model)
            )
        ORDER BY bucket_start LIMIT :batch FOR UPDATE SKIP LOCKED
    ))
    """
)


def lock_scores(connection: Connection) -> None:
    """Wait until no other transaction scores forecasts or deletes them, and keep others waiting.

    Scores of forecasts that are gone meanwhile would violate their foreign key, and none would be written.
    """
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtext("forecast scores"))))


def delete_old_forecasts(
    connection: Connection, settings: DatabaseSettings, say: Callable[[str], None]
) -> None:
    """Delete what is older than `FORECASTS_HOURLY_RETENTION_DAYS` or `FORECASTS_DAILY_RETENTION_DAYS`.

    Each batch of a series is a transaction. Says in a sentence for each interval how many went.
    """
    with connection.begin():
        symbols = connection.scalars(_SERIES).all()
    now = datetime.now(UTC)
    for interval, days in (
        ("1h", settings.forecasts_hourly_retention_days),
        ("1d", settings.forecasts_daily_retention_days),
    ):
        cutoff = now - timedelta(days=days)
        count = sum(_delete(connection, symbol, interval, cutoff) for symbol in symbols)
        say(f"Deleted {count:,} forecasts of {interval} that were more than {days} days old.")


def _delete(connection: Connection, symbol: str, interval: str, cutoff: datetime) -> int:
    values = {"symbol": symbol, "interval": interval, "cutoff": cutoff, "batch": BATCH}
    count = 0
    while True:
        with connection.begin():
            lock_scores(connection)
            deleted = connection.execute(_DELETION, values).rowcount
        count += deleted
        if deleted < BATCH:
            return count
