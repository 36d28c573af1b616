"""What PostgreSQL remembers of jobs, so that a restart neither forgets one nor a pause."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from db.models import ScheduledJob
from producer.database import Database
from producer.schedule.job import JobState


class JobLedger:
    """Each call is a transaction of its own and raises one of ``DATABASE_ERRORS``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self, names: Sequence[str], now: datetime) -> dict[str, JobState]:
        """Return the state of each job; one that is new has missed nothing so far."""
        return await self._database.transaction(lambda connection: _load(connection, names, now))

    async def save(self, name: str, state: JobState) -> None:
        """Remember the state of a job."""
        values = {
            "is_paused": state.is_paused,
            "handled_until": state.handled_until,
            "started_at": state.started_at,
            "finished_at": state.finished_at,
            "status": state.status,
            "detail": state.detail,
        }
        row = insert(ScheduledJob).values(name=name, **values)
        upsert = row.on_conflict_do_update(index_elements=[ScheduledJob.name], set_=values)
        await self._database.transaction(lambda connection: connection.execute(upsert))


def _load(connection: Connection, names: Sequence[str], now: datetime) -> dict[str, JobState]:
    new = insert(ScheduledJob).values([{"name": name, "handled_until": now} for name in names])
    connection.execute(new.on_conflict_do_nothing(index_elements=[ScheduledJob.name]))
    rows = connection.execute(
        select(
            ScheduledJob.name,
            ScheduledJob.is_paused,
            ScheduledJob.handled_until,
            ScheduledJob.started_at,
            ScheduledJob.finished_at,
            ScheduledJob.status,
            ScheduledJob.detail,
        ).where(ScheduledJob.name.in_(names))
    )
    return {
        row.name: JobState(
            row.is_paused, row.handled_until, row.started_at, row.finished_at, row.status, row.detail
        )
        for row in rows
    }
