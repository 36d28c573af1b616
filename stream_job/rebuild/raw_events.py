"""The raw events of a symbol, out of `snapshots` into a file that the job's own code can read."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import Connection, RowMapping, func, select

from db.models import Snapshot

EVENTS_PER_LINE: Final = 500
ROWS_AT_A_TIME: Final = 20_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_encoder = msgspec.json.Encoder(decimal_format="number")


def write_events(connection: Connection, symbol: str, start: datetime, end: datetime, file: Path) -> int:
    """Write the events that the candles of `[start, end)` are made of, by time; returns how many.

    Each line is the body of a message: a JSON array, decimals digit for digit. The events begin with the last
    day before `start` on which there were any, which says how that day's volume and feed stood; they end a
    day after `end`, because a trading day's events may lie after its date.
    """
    columns = Snapshot.__table__.columns
    query = (
        select(*columns)
        .where(
            columns.symbol == symbol,
            columns.event_time >= _lead(connection, symbol, start),
            columns.event_time < end + timedelta(days=1),
        )
        .order_by(columns.event_time, columns.sequence)
    )
    rows = connection.execute(query, execution_options={"yield_per": ROWS_AT_A_TIME}).mappings()
    count = 0
    with file.open("wb") as lines:
        for body in rows.partitions(EVENTS_PER_LINE):
            lines.write(_encoder.encode([_event(row) for row in body]) + b"\n")
            count += len(body)
    return count


def _lead(connection: Connection, symbol: str, start: datetime) -> datetime:
    columns = Snapshot.__table__.columns
    day = datetime.combine(start.date(), time(), UTC)
    query = select(func.max(columns.event_time)).where(columns.symbol == symbol, columns.event_time < day)
    earlier: datetime | None = connection.scalar(query)
    return datetime.combine(earlier.astimezone(UTC).date(), time(), UTC) if earlier else day


def _event(row: RowMapping) -> dict[str, object]:
    return {
        str(name): _micros(value) if isinstance(value, datetime) else value
        for name, value in row.items()
        if value is not None
    }


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)
