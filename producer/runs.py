"""What PostgreSQL knows of runs: what was asked, how many came, how each ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy import Connection, select
from sqlalchemy.engine import RowMapping

from db.models import IngestRun
from producer.backfill.ledger import close_interrupted_runs
from producer.database import Database, database_that
from producer.errors import UnknownRunError

Result = TypeVar("Result")


class RunReader:
    """Answers runs as they are now; every call may raise :class:`DatabaseUnavailableError`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def newest(self, kind: str | None, status: str | None, limit: int) -> Sequence[RowMapping]:
        """Return the newest runs, of a kind and a status where these are given."""
        query = select(IngestRun.__table__).order_by(IngestRun.id.desc()).limit(limit)
        if kind is not None:
            query = query.where(IngestRun.kind == kind)
        if status is not None:
            query = query.where(IngestRun.status == status)
        return await self._read(lambda connection: connection.execute(query).mappings().all())

    async def run(self, run_id: int) -> RowMapping:
        """Return one run; raises :class:`UnknownRunError`."""
        query = select(IngestRun.__table__).where(IngestRun.id == run_id)
        found = await self._read(lambda connection: connection.execute(query).mappings().one_or_none())
        if found is None:
            raise UnknownRunError(f"There is no run {run_id}: GET /runs lists those there are.")
        return found

    async def _read(self, query: Callable[[Connection], Result]) -> Result:
        def read(connection: Connection) -> Result:
            # A run whose process is gone must not be shown as running.
            close_interrupted_runs(connection)
            return query(connection)

        with database_that("holds the runs"):
            return await self._database.transaction(read)
