"""Backfills that jobs order, carried out to their end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from producer.backfill.background import BackgroundBackfills
from producer.backfill.request import BackfillRequest
from producer.errors import JobFailedError
from producer.runs import RunReader

Fill = Callable[[BackfillRequest], Awaitable[str]]


class Backfilling:
    """Orders a backfill and waits for its end."""

    def __init__(self, backfills: BackgroundBackfills, runs: RunReader) -> None:
        self._backfills = backfills
        self._runs = runs

    async def fill(self, request: BackfillRequest) -> str:
        """Return a sentence on what came of it; raises :class:`JobFailedError` where the run has failed."""
        run_id, _ = await self._backfills.start(request, None)
        run = await self._runs.run(run_id)
        if run["status"] != "succeeded":
            raise JobFailedError(f"Run {run_id} has {run['status']}: {run['error']}")
        return f"Run {run_id}: {run['event_count']} bars in {run['call_count']} calls."
