"""A rebuild from its beginning to its end."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from db.connection import connect
from db.settings import DatabaseSettings
from stream_job.errors import ConnectorMissingError, RebuildImpossibleError
from stream_job.intervals import LENGTH
from stream_job.rebuild.raw_events import write_events
from stream_job.rebuild.recomputation import candles_of
from stream_job.rebuild.stored_candles import Settled, settled, store
from stream_job.settings import JobSettings
from stream_job.stored_indicators import Series, recompute


def rebuild(
    settings: JobSettings, database: DatabaseSettings, symbol: str, start: datetime, end: datetime
) -> str:
    """Rebuild the candles in `[start, end)`, and the indicators from `start` on; returns what was done.

    Candles and indicators are written in one transaction.

    Raises:
        RebuildImpossibleError: the range is empty or not yet settled, or there are no events in it.
        ConnectorMissingError: the connector jar is not built.
        DatabaseError: PostgreSQL cannot be reached.
    """
    if start >= end:
        raise RebuildImpossibleError(f"--from {start} is not before --to {end}: there is nothing between.")
    if not settings.connector_jar.is_file():
        raise ConnectorMissingError(f"{settings.connector_jar} is missing: `make install` builds it.")
    with (
        connect(database, "market_writer") as connection,
        tempfile.TemporaryDirectory(prefix="candlewick-rebuild-") as folder,
    ):
        past = _settled_past(connection, symbol, start)
        file = Path(folder) / "events.jsonl"
        count = write_events(connection, symbol, start, end, file)
        connection.rollback()
        if count == 0:
            raise RebuildImpossibleError(
                f"snapshots holds no event of {symbol!r} there. Raw events are kept for "
                f"SNAPSHOTS_RETENTION_DAYS ({database.snapshots_retention_days} days) where "
                f"SNAPSHOTS_ENABLED is true; symbols are written as in the candles."
            )
        candles = candles_of(file, settings.connector_jar)
        with connection.begin():
            outcome = store(connection, candles, start, end, past)
            values = sum(
                recompute(connection, Series(symbol, interval), start, past.end(interval))
                for interval in LENGTH
            )
    return (
        f"{symbol}: {count:,} events read; {outcome.written:,} candles written, "
        f"{outcome.equal:,} as they were, {outcome.live:,} left to the running job; "
        f"{values:,} indicator values written"
    )


def _settled_past(connection: Connection, symbol: str, start: datetime) -> Settled:
    past = settled(connection, symbol)
    if past is None or past.until <= start:
        until = (
            "no candle is final yet" if past is None else f"what is after {past.until.astimezone(UTC)} is not"
        )
        raise RebuildImpossibleError(
            f"The running job may still change what is after --from {start}: {until}. Rebuild it later."
        )
    return past
