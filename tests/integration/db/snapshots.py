"""Rows in `snapshots`, and the partitions that they are in."""

from datetime import UTC, datetime

from tests.integration.db.server import Connect

TODAY = datetime.now(UTC)


def add_snapshot(connect: Connect, event_time: datetime, ingest_time: datetime) -> None:
    """Add a row and its partition in one transaction: an old one is dropped while it is seen empty."""
    connection = connect("market_writer")
    connection.autocommit = False
    cursor = connection.cursor()
    cursor.execute("SELECT ensure_snapshot_partition(%s)", (event_time.date(),))
    cursor.execute(
        "INSERT INTO snapshots (symbol, event_time, event_id, source, kind, ingest_time)"
        " VALUES ('A', %s, %s, 's', 'trade', %s)",
        (event_time, ingest_time.isoformat(), ingest_time),
    )
    connection.commit()


def partitions(connect: Connect) -> list[str]:
    cursor = connect("market_reader").cursor()
    cursor.execute(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'snapshots'::regclass ORDER BY 1"
    )
    return [name for (name,) in cursor.fetchall()]


def name(day: datetime) -> str:
    return f"snapshots_{day:%Y%m%d}"
