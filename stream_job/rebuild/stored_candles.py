"""What a rebuild changes of the stored candles: nothing that the running job may still change."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, and_, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from db.models import Candle
from stream_job.intervals import LENGTH
from stream_job.rebuild.recomputation import RebuiltCandle

ALLOWED_LATENESS: Final = timedelta(minutes=10)
ROWS_AT_A_TIME: Final = 1_000
_COMPARED: Final = ("open", "high", "low", "close", "volume", "vwap", "trade_count", "is_partial", "source")


@dataclass(frozen=True)
class Outcome:
    """How many candles were written anew or changed, were as they should be, and were left alone."""

    written: int
    equal: int
    live: int


@dataclass(frozen=True)
class Settled:
    """Until when the running job changes nothing of a symbol any more, in UTC."""

    until: datetime
    days_until: datetime
    """The symbol's newest trading day is not settled: what happens after hours still belongs to it."""

    def covers(self, interval: str, bucket_start: datetime) -> bool:
        """Whether this candle is settled."""
        return bucket_start + LENGTH[interval] <= self.end(interval)

    def end(self, interval: str) -> datetime:
        """Until when candles of an interval are settled."""
        return min(self.until, self.days_until) if interval == "1d" else self.until


def settled(connection: Connection, symbol: str) -> Settled | None:
    """Ask how far the job is; None before its first final candle.

    A final one-minute candle says that the job's watermark has passed its end.
    """
    query = select(func.max(Candle.bucket_start)).where(
        Candle.interval == "1m", Candle.is_final, Candle.origin == "stream"
    )
    newest: datetime | None = connection.scalar(query)
    if newest is None:
        return None
    until = newest + LENGTH["1m"] - ALLOWED_LATENESS
    query = select(func.max(Candle.bucket_start)).where(
        Candle.symbol == symbol, Candle.interval == "1d", Candle.origin == "stream"
    )
    return Settled(until, connection.scalar(query) or until)


def store(
    connection: Connection,
    candles: Iterable[RebuiltCandle],
    start: datetime,
    end: datetime,
    settled: Settled,
) -> Outcome:
    """Write those candles that lie in `[start, end)` as a whole and are settled, where they differ.

    A stored candle made of more events than are in `snapshots` stays, and so does a whole one of a
    backfill where the rebuilt one is partial. The caller commits.
    """
    within = [
        candle
        for candle in candles
        if start <= candle.bucket_start and candle.bucket_start + LENGTH[candle.interval] <= end
    ]
    past = [candle for candle in within if settled.covers(candle.interval, candle.bucket_start)]
    written = sum(
        _upsert(connection, past[first : first + ROWS_AT_A_TIME])
        for first in range(0, len(past), ROWS_AT_A_TIME)
    )
    return Outcome(written, len(past) - written, len(within) - len(past))


def _upsert(connection: Connection, candles: Sequence[RebuiltCandle]) -> int:
    rows = [candle._asdict() | {"is_final": True, "origin": "stream"} for candle in candles]
    statement = insert(Candle).values(rows)
    new = statement.excluded
    differs = or_(*(getattr(Candle, name).is_distinct_from(new[name]) for name in _COMPARED))
    is_better = or_(
        and_(Candle.origin == "stream", new.revision >= Candle.revision),
        and_(Candle.origin == "backfill", ~new.is_partial),
    )
    keys = {"symbol", "interval", "bucket_start"}
    changes = {name: new[name] for name in rows[0] if name not in keys} | {
        "revision": func.greatest(Candle.revision, new.revision),
        "updated_at": func.now(),
    }
    result = connection.execute(
        statement.on_conflict_do_update(
            index_elements=list(keys), set_=changes, where=and_(differs, is_better)
        )
    )
    return result.rowcount
