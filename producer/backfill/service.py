"""One backfill from its request to its end: fetches what is missing, call by call.

A call counts as answered once the broker has confirmed its bars: what was answered is never asked again, by
whatever the run was ended, and however often it is started anew.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_base, wait_exponential_jitter

from producer.backfill.ledger import Ledger, Run
from producer.backfill.missing import Window, calls_for, expected_buckets, missing_buckets
from producer.backfill.publisher import BarSink
from producer.backfill.request import BackfillRequest
from producer.bars import INTERVAL_MICROS, Bar
from producer.errors import InvalidBackfillError, Later, Never, ProviderError, Soon
from producer.events import (
    MICROSECONDS_PER_DAY,
    MICROSECONDS_PER_MINUTE,
    MICROSECONDS_PER_SECOND,
    clock_micros,
)
from producer.providers.protocol import BarSource, Provider
from producer.trading_day import ALWAYS_OPEN, sessions

logger = logging.getLogger(__name__)

ATTEMPTS_PER_CALL = 5
RETRY_INITIAL_SECONDS = 0.5
RETRY_MAX_SECONDS = 30.0
# A provider that says when to come back is waited for so long; after that somebody starts the backfill again.
PATIENCE_SECONDS = 120.0
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
        bars = await self._ask(run, request, symbol, call, outcome)
        bars = await asyncio.to_thread(lambda: [self._with_its_end(bar) for bar in bars])
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

    def _with_its_end(self, bar: Bar) -> Bar:
        """Say when the session of a day closes that by the clock is not over, or it would not be accepted."""
        calendar = self._provider.source.calendar
        if bar.interval != "1d" or calendar == ALWAYS_OPEN or bar.end <= self._clock():
            return bar
        closes = [session.closes for session in sessions(calendar, bar.bucket_start, bar.bucket_start + 1)]
        return msgspec.structs.replace(bar, session_end=closes[0]) if closes else bar

    def _answered(self, call: Window, bars: list[Bar]) -> Window:
        """The part of a call that need not be asked for again."""
        newest = max((bar.bucket_start + INTERVAL_MICROS[bar.interval] for bar in bars), default=call.start)
        return Window(call.start, max(newest, min(call.end, self._clock() - PUBLICATION_MICROS)))

    async def _ask(
        self, run: Run, request: BackfillRequest, symbol: str, call: Window, outcome: Outcome
    ) -> list[Bar]:
        async for attempt in AsyncRetrying(
            wait=_WaitAsTold(self._clock),
            stop=stop_after_attempt(ATTEMPTS_PER_CALL),
            retry=retry_if_exception(self._is_worth_another_attempt),
            before_sleep=_note_retry,
            reraise=True,
        ):
            with attempt:
                await self._ledger.note_call(run)
                outcome.calls += 1
                return await self._source.bars(symbol, request.interval, call.start, call.end)
        raise AssertionError("retries without end")

    def _is_worth_another_attempt(self, error: BaseException) -> bool:
        match error:
            case ProviderError(retry=Soon()):
                return True
            case ProviderError(retry=Later(until=until)):
                return until - self._clock() <= PATIENCE_SECONDS * MICROSECONDS_PER_SECOND
            case _:
                return False


class _WaitAsTold(wait_base):
    """Exponential with jitter, or until the time that the provider has said."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._backoff = wait_exponential_jitter(multiplier=RETRY_INITIAL_SECONDS, max=RETRY_MAX_SECONDS)

    def __call__(self, retry_state: RetryCallState) -> float:
        """Return how many seconds to wait."""
        error = retry_state.outcome.exception() if retry_state.outcome else None
        if isinstance(error, ProviderError) and isinstance(error.retry, Later):
            return max(0.0, (error.retry.until - self._clock()) / MICROSECONDS_PER_SECOND)
        return self._backoff(retry_state)


def _note_retry(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    logger.warning("%s Trying again in %.1f s.", error, state.upcoming_sleep)
