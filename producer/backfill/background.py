"""Backfills that run inside the producer, until they end or it does."""

from __future__ import annotations

import asyncio
import logging

from producer.backfill.request import BackfillRequest
from producer.backfill.session import BackfillRuns
from producer.cancellation import cancelled
from producer.errors import ProducerError

logger = logging.getLogger(__name__)


class BackgroundBackfills:
    """Starts backfills in the background; what each came to is in its run."""

    def __init__(self, runs: BackfillRuns) -> None:
        self._runs = runs
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, request: BackfillRequest, prompt_seconds: float | None) -> tuple[int, bool]:
        """Start a backfill; returns its run's id, and whether it ended within the time given.

        Without a time it is waited for, however long it takes. Raises :class:`DatabaseUnavailableError`.
        """
        run = await self._runs.open(request)

        async def carry_out() -> None:
            outcome = await self._runs.carry_out(run, request)
            logger.info("backfill %d: %d bars in %d calls", run.run_id, outcome.bars, outcome.calls)

        task = asyncio.create_task(carry_out(), name=f"backfill {run.run_id}")
        self._tasks.add(task)
        task.add_done_callback(lambda ended: self._note_end(run.run_id, ended))
        done, _ = await asyncio.wait({task}, timeout=prompt_seconds)
        return run.run_id, bool(done)

    async def close(self) -> None:
        """Stop what runs; the runs say so, and go on behind their last answer when started anew."""
        for task in list(self._tasks):
            await cancelled(task)

    def _note_end(self, run_id: int, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            logger.info("backfill %d was stopped", run_id)
        elif isinstance(error := task.exception(), ProducerError):
            logger.error("backfill %d failed: %s", run_id, error)
        elif error is not None:
            logger.error("backfill %d failed", run_id, exc_info=error)
