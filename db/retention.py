"""Drops old rows: `python -m db.retention`, as `market_owner`. `db.daily_retention` runs it by itself.

Of snapshots a partition goes when its day, and the newest `ingest_time` in it, are over
`SNAPSHOTS_RETENTION_DAYS` ago: old events that were replayed today are kept as long as today's are.
"""

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from psycopg2.errors import LockNotAvailable
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, OperationalError

from db.alert_retention import delete_old_alerts
from db.connection import connect
from db.errors import DatabaseError
from db.forecast_retention import delete_old_forecasts
from db.partitions import partition_day
from db.settings import DatabaseSettings

# While we wait for a lock on all of snapshots, everybody who comes later waits behind us.
LOCK_TIMEOUT = "5s"


class PartitionInUseError(DatabaseError):
    """A partition could not be dropped, because others kept reading or writing snapshots."""

    def __init__(self, partition: str) -> None:
        super().__init__(
            f"{partition} was not dropped: snapshots stayed in use for {LOCK_TIMEOUT}. Run this again later."
        )


def expired_partitions(connection: Connection, cutoff: datetime) -> list[str]:
    """The partitions of days before `cutoff` into which nothing came since `cutoff`, oldest first."""
    names = connection.scalars(
        text(
            "SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid"
            " WHERE inhparent = 'public.snapshots'::regclass ORDER BY relname"
        )
    ).all()
    connection.commit()
    old = [name for name in names if (day := partition_day(name)) and day < cutoff.astimezone(UTC).date()]
    return [name for name in old if not _came_in_since(connection, name, cutoff)]


def drop_partition(connection: Connection, partition: str, cutoff: datetime) -> bool:
    """Drops one partition in one transaction; False when something came into it since it was found expired.

    Raises:
        PartitionInUseError: snapshots were in use for too long.
    """
    try:
        with connection.begin():
            connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
            # The parent first, as writers lock: no deadlock. From here on no row can come in.
            connection.execute(text("LOCK TABLE ONLY public.snapshots IN ACCESS EXCLUSIVE MODE"))
            if _has_rows_since(connection, partition, cutoff):
                return False
            connection.execute(text(f"DROP TABLE public.{partition}"))
    except OperationalError as error:
        if isinstance(error.orig, LockNotAvailable):
            raise PartitionInUseError(partition) from error
        raise
    return True


def _came_in_since(connection: Connection, partition: str, cutoff: datetime) -> bool:
    with connection.begin():
        # Makes the second look, under a lock that stops all writers, a matter of milliseconds.
        index = f"{partition}_ingest_time"
        connection.execute(
            text(f"CREATE INDEX IF NOT EXISTS {index} ON public.{partition} USING brin (ingest_time)")
        )
        return _has_rows_since(connection, partition, cutoff)


def _has_rows_since(connection: Connection, partition: str, cutoff: datetime) -> bool:
    connection.execute(text("SET LOCAL enable_seqscan = off"))
    query = text(f"SELECT EXISTS (SELECT FROM public.{partition} WHERE ingest_time >= :cutoff)")  # noqa: S608
    return bool(connection.scalar(query, {"cutoff": cutoff}))


def drop_expired(settings: DatabaseSettings, say: Callable[[str], None]) -> None:
    """Drops all that has expired, oldest first, and says in sentences what became of it.

    Raises:
        DatabaseError: something expired is left, because the database is away, refuses, or is in use.
    """
    try:
        with connect(settings, "market_owner") as connection:
            # Before the snapshots, which those who read them may keep from being dropped.
            delete_old_alerts(connection, settings, say)
            delete_old_forecasts(connection, settings, say)
            _drop_snapshots(connection, settings, say)
    except DBAPIError as error:
        raise DatabaseError(f"Old rows could not be dropped: {str(error.orig).strip()}") from error


def _drop_snapshots(connection: Connection, settings: DatabaseSettings, say: Callable[[str], None]) -> None:
    cutoff = datetime.now(UTC) - timedelta(days=settings.snapshots_retention_days)
    expired = expired_partitions(connection, cutoff)
    for partition in expired:
        if drop_partition(connection, partition, cutoff):
            say(f"Dropped {partition}.")
        else:
            say(f"Kept {partition}: events came into it just now.")
    if not expired:
        say(f"Nothing to drop: no snapshots are older than {settings.snapshots_retention_days} days.")


def main() -> int:
    """The command: 0 when nothing expired is left, 1 with the reason when something is."""
    try:
        drop_expired(DatabaseSettings(), print)
    except DatabaseError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    argparse.ArgumentParser("python -m db.retention", description=__doc__).parse_args()
    sys.exit(main())
