"""How often a key may change something, and a client may be wrong about its key: counted in memory."""

from __future__ import annotations

import math
import time
from typing import Literal

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from producer.errors import TooManyRequestsError

Subject = Literal["key", "client"]


class RateLimits:
    """So many changes within any minute for each key, and so many wrong keys for each client."""

    def __init__(self, per_minute: int) -> None:
        self._limit = RateLimitItemPerMinute(per_minute)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def count_change(self, key: str) -> None:
        """Count a change made with a key; raises :class:`TooManyRequestsError` when there were too many."""
        if not await self._limiter.hit(self._limit, "key", key):
            raise await self._refusal("key", key, f"The API key {key!r} has changed something")

    async def count_wrong_key(self, client: str) -> None:
        """Count a key of a client that was none."""
        await self._limiter.hit(self._limit, "client", client)

    async def check_client(self, client: str) -> None:
        """Raise :class:`TooManyRequestsError` when a client has sent too many wrong keys."""
        if not await self._limiter.test(self._limit, "client", client):
            raise await self._refusal("client", client, f"The client {client} has sent wrong API keys")

    async def _refusal(self, subject: Subject, name: str, what: str) -> TooManyRequestsError:
        window = await self._limiter.get_window_stats(self._limit, subject, name)
        seconds = max(1, math.ceil(window.reset_time - time.time()))
        return TooManyRequestsError(
            f"{what} {self._limit.amount} times within a minute, which is all that "
            f"PRODUCER_CHANGES_PER_MINUTE allows: try again in {seconds} s.",
            seconds,
        )
