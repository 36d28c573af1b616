"""A backfill as a run: opened and closed in `ingest_runs`, however it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from producer.backfill.ledger import Ledger, Run
from producer.backfill.publisher import BarPublisher
from producer.backfill.request import BackfillRequest
from producer.backfill.service import Backfill, Outcome, Progress
from producer.broker import BrokerAddress
from producer.cancellation import finished
from producer.database import DATABASE_ERRORS, one_line
from producer.errors import DatabaseUnavailableError, ProducerError
from producer.providers.protocol import Provider
from producer.topology import Topology

CANCELLED = "It was stopped. Start the same backfill again: it goes on where this one stopped."


class BackfillRuns:
    """Carries out backfills, each with a connection to the broker of its own."""

    def __init__(
        self,
        providers: dict[str, Provider],
        ledger: Ledger,
        address: BrokerAddress,
        topology: Topology,
    ) -> None:
        self._providers = providers
        self._ledger = ledger
        self._address = address
        self._topology = topology

    async def open(self, request: BackfillRequest) -> Run:
        """Open a run; raises :class:`DatabaseUnavailableError`: without it nobody knows what is missing."""
        try:
            return await self._ledger.open_run(request)
        except DATABASE_ERRORS as error:
            raise _database_away(error) from error

    async def carry_out(
        self,
        run: Run,
        request: BackfillRequest,
        on_progress: Callable[[Progress], None] = lambda _: None,
    ) -> Outcome:
        """Run to the end and note it; raises :class:`ProducerError` where it ends badly."""
        provider = self._providers[request.provider]
        assert provider.bars is not None  # noqa: S101  # a checked request names one that has bars
        try:
            async with BarPublisher(self._address, self._topology) as sink:
                backfill = Backfill(provider, provider.bars, self._ledger, sink, on_progress)
                outcome = await backfill.run(run, request)
        except asyncio.CancelledError:
            await finished(self._close(run, "cancelled", CANCELLED))
            raise
        except ProducerError as error:
            await self._close(run, "failed", str(error))
            raise
        except DATABASE_ERRORS as error:
            await self._close(run, "failed", one_line(error))
            raise _database_away(error) from error
        except BaseException as error:
            await self._close(run, "failed", f"{type(error).__name__}: {error}")
            raise
        failures = " ".join(outcome.failures) or None
        await self._close(run, "failed" if failures else "succeeded", failures)
        return outcome

    async def _close(self, run: Run, status: str, error: str | None) -> None:
        try:
            await self._ledger.close_run(run, status, error)
        except DATABASE_ERRORS:
            # The run has lost its lock with the database: the next one notes that it has ended.
            await run.release()


def _database_away(error: BaseException) -> DatabaseUnavailableError:
    return DatabaseUnavailableError(
        f"The database is away: {one_line(error)}. It knows which candles there are; start the same backfill "
        f"again when it answers."
    )
