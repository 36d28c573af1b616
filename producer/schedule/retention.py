"""The job that forgets old runs, and calls that no quota counts any more."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from db.models import BackfillWindow, Gap, IngestRun, QuotaUsage
from producer.database import Database
from producer.events import MICROSECONDS_PER_DAY, to_datetime


async def forget_old_runs(database: Database, now: int, days: int) -> str:
    """Delete what ended more than so many days ago; ``now`` in microseconds UTC.

    Runs stay that a closed gap or the memory of backfills refers to. Raises one of ``DATABASE_ERRORS``.
    """
    cutoff = to_datetime(now - days * MICROSECONDS_PER_DAY)

    def forget(connection: Connection) -> tuple[int, int]:
        is_needed = (
            select(BackfillWindow.run_id).where(BackfillWindow.run_id == IngestRun.id).exists()
            | select(Gap.id).where(Gap.closed_by_run_id == IngestRun.id).exists()
        )
        runs = connection.execute(delete(IngestRun).where(IngestRun.finished_at < cutoff, ~is_needed))
        quotas = connection.execute(delete(QuotaUsage).where(QuotaUsage.window_start < cutoff))
        return runs.rowcount, quotas.rowcount

    runs, quotas = await database.transaction(forget)
    return f"{runs} runs and {quotas} counts of calls are more than {days} days old: they are deleted."
