"""Asking again, ever more slowly, while that fails and may succeed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, wait_exponential_jitter

from producer.errors import ProviderError, Soon
from producer.events import MICROSECONDS_PER_SECOND
from producer.polling.clock import Clock

INITIAL_SECONDS = 1.0
JITTER_SECONDS = 2.0
MAX_SECONDS = 300.0


def persistently(clock: Clock, until: int, before_sleep: Callable[[RetryCallState], None]) -> AsyncRetrying:
    """Return attempts for as long as the next one comes before a time, in microseconds UTC.

    Only what may pass by itself is tried again; any other error is raised, and the last one.
    """
    return AsyncRetrying(
        sleep=_sleeping(clock),
        wait=wait_exponential_jitter(multiplier=INITIAL_SECONDS, max=MAX_SECONDS, jitter=JITTER_SECONDS),
        retry=retry_if_exception(_may_pass),
        stop=lambda state: clock.now() + _micros(state.upcoming_sleep) >= until,
        before_sleep=before_sleep,
        reraise=True,
    )


def _sleeping(clock: Clock) -> Callable[[float], Awaitable[None]]:
    async def sleep(seconds: float) -> None:
        await clock.sleep_until(clock.now() + _micros(seconds))

    return sleep


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, ProviderError) and isinstance(error.retry, Soon)


def _micros(seconds: float) -> int:
    return round(seconds * MICROSECONDS_PER_SECOND)
