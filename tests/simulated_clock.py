"""A clock that passes as fast as nothing happens."""

from __future__ import annotations

import asyncio
from datetime import datetime

from producer.events import to_micros


class SimulatedClock:
    """Time jumps to whatever is waited for; at its end it stands still for ever."""

    def __init__(self, start: datetime, end: datetime) -> None:
        self._now = to_micros(start)
        self._end = to_micros(end)
        self.ended = asyncio.Event()

    def now(self) -> int:
        return self._now

    async def sleep_until(self, moment: int) -> None:
        if moment > self._end:
            self._now = self._end
            self.ended.set()
            await asyncio.Event().wait()
        self._now = max(self._now, moment)
        await asyncio.sleep(0)
