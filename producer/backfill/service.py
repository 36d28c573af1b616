"""One backfill from its request to its end: fetches what is missing, call by call.

A call counts as answered once the broker has confirmed its bars: what was answered is never asked again, by
whatever the run was ended, and however often it is started anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt

from producer.backfill.finished import finished_bars
from producer.backfill.ledger import Ledger, Run
from producer.backfill.missing import Window, calls_for, expected_buckets, missing_buckets
from producer.backfill.patience import WaitAsTold, is_worth_another_attempt, note_retry
from producer.backfill.publisher import BarSink
from producer.backfill.request import BackfillRequest
from producer.bars import INTERVAL_MICROS, Bar
from producer.errors import InvalidBackfillError, Never, ProviderError
from producer.events import MICROSECONDS_PER_DAY, MICROSECONDS_PER_MINUTE, clock_micros
from producer.providers.bar_source import BarSource
from producer.providers.protocol import Provider

ATTEMPTS_PER_CALL = 5
# A venue may still be adding up a bar that has just ended.
SETTLING_MICROS = MICROSECONDS_PER_MINUTE
# Some providers have a bar only hours after it has ended: until then its absence is no answer.
PUBLICATION_MICROS = MICROSECONDS_PER_DAY


@dataclass
class Progress:
    """How far a backfill is; ``calls`` is known once the last symbol has been planned."""

    calls: int = 0
    answered: int = 0
    bars: int = 0
    symbol: str = ""


@dataclass
class Outcome:
    """What a backfill came to; ``failures`` has a sentence for each symbol that it could not finish."""

    missing: int = 0
    calls: int = 0
    bars: int = 0
    failures: list[str] = field(default_factory=list)


class Backfill:
    """Runs one request against one provider."""

    def __init__(
        self,
        provider: Provider,
        source: BarSource,
        ledger: Ledger,
        sink: BarSink,
        on_progress: Callable[[Progress], None] = lambda _: None,
        clock: Callable[[], int] = clock_micros,
    ) -> None:
        self._provider = provider
        self._source = source
        self._ledger = ledger
        self._sink = sink
        self._on_progress = on_progress
        self._clock = clock
        self._progress = Progress()
        self._expected: list[int] | None = None
        self._registered: set[str] = set()

    async def run(self, run: Run, request: BackfillRequest) -> Outcome:
        """Fetch what is missing.

        A symbol that the provider refuses is a failure of the outcome. Raises :class:`ProviderError` when
        going on is of no use, :class:`InvalidBackfillError` where no calendar knows the time,
        :class:`BrokerUnavailableError`, or one of ``DATABASE_ERRORS``.
        """
        await self._ledger.register(self._provider.source, ())
        outcome = Outcome()
        plans = [(symbol, await self._plan(request, symbol, outcome)) for symbol in request.symbols]
        self._progress.calls = sum(len(calls) for _, calls in plans)
        for symbol, calls in plans:
            self._progress.symbol = symbol
            self._on_progress(self._progress)
            try:
                for call in calls:
                    await self._fetch(run, request, symbol, call, outcome)
            except ProviderError as error:
                if error.retry != Never("symbol"):
                    raise
                outcome.failures.append(str(error))
        return outcome

    async def _plan(self, request: BackfillRequest, symbol: str, outcome: Outcome) -> list[Window]:
        present = await self._ledger.present(symbol, request.interval, request.wanted, again=request.again)
        answered = (
            [] if request.again else await self._ledger.answered(request.provider, symbol, request.interval)
        )
        if any(one.start <= request.wanted.start and request.wanted.end <= one.end for one in answered):
            return []  # calendars need not be loaded to know that
        if self._expected is None:
            self._expected = await asyncio.to_thread(self._expected_by_calendar, request)
        missing = missing_buckets(self._expected, present, answered)
        outcome.missing += len(missing)
        return calls_for(missing, request.interval, self._source.buckets_per_call)

    def _expected_by_calendar(self, request: BackfillRequest) -> list[int]:
        calendar = self._provider.source.calendar
        try:
            return expected_buckets(
                calendar, request.interval, request.wanted, self._clock() - SETTLING_MICROS
            )
        except ValueError as error:
            raise InvalidBackfillError(str(error)) from error

    async def _fetch(
        self, run: Run, request: BackfillRequest, symbol: str, call: Window, outcome: Outcome
    ) -> None:
        told = await self._ask(run, request, symbol, call, outcome)
        calendar = self._provider.source.calendar
        # The first use of a calendar takes a second, in which the feeds go on.
        bars = await asyncio.to_thread(finished_bars, told, calendar, self._clock())
        if bars:
            if symbol not in self._registered:
                await self._ledger.register(self._provider.source, (symbol,))
                self._registered.add(symbol)
            await self._sink.publish(sorted(bars, key=lambda bar: bar.bucket_start))
        answered = self._answered(call, bars)
        if answered.start < answered.end:
            await self._ledger.note_answer(run, request, symbol, answered, len(bars))
        outcome.bars += len(bars)
        self._progress.answered += 1
        self._progress.bars = outcome.bars
        self._on_progress(self._progress)

    def _answered(self, call: Window, bars: list[Bar]) -> Window:
        """The part of a call that need not be asked for again."""
        newest = max((bar.bucket_start + INTERVAL_MICROS[bar.interval] for bar in bars), default=call.start)
        return Window(call.start, max(newest, min(call.end, self._clock() - PUBLICATION_MICROS)))

    async def _ask(
        self, run: Run, request: BackfillRequest, symbol: str, call: Window, outcome: Outcome
    ) -> list[Bar]:
        async def count() -> None:
            await self._ledger.note_call(run)
            outcome.calls += 1

        async for attempt in AsyncRetrying(
            wait=WaitAsTold(self._clock),
            stop=stop_after_attempt(ATTEMPTS_PER_CALL),
            retry=retry_if_exception(lambda error: is_worth_another_attempt(error, self._clock())),
            before_sleep=note_retry,
            reraise=True,
        ):
            with attempt:
                return await self._source.bars(symbol, request.interval, call.start, call.end, count)
        raise AssertionError("retries without end")
