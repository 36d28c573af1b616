"""How long a call that has failed is waited for before it is made again, and whether it is."""

from __future__ import annotations

import logging
from collections.abc import Callable

from tenacity import RetryCallState
from tenacity.wait import wait_base, wait_exponential_jitter

from producer.errors import Later, ProviderError, Soon
from producer.events import MICROSECONDS_PER_SECOND

logger = logging.getLogger(__name__)

RETRY_INITIAL_SECONDS = 0.5
RETRY_MAX_SECONDS = 30.0
# A provider that says when to come back is waited for so long; after that somebody starts the backfill again.
PATIENCE_SECONDS = 120.0


def is_worth_another_attempt(error: BaseException, now: int) -> bool:
    """Say whether to make a call again that has failed at ``now``, microseconds UTC."""
    match error:
        case ProviderError(retry=Soon()):
            return True
        case ProviderError(retry=Later(until=until)):
            return until - now <= PATIENCE_SECONDS * MICROSECONDS_PER_SECOND
        case _:
            return False


class WaitAsTold(wait_base):
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


def note_retry(state: RetryCallState) -> None:
    """Log why a call is made again, and when."""
    error = state.outcome.exception() if state.outcome else None
    logger.warning("%s Trying again in %.1f s.", error, state.upcoming_sleep)
