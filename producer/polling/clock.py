"""Our clock as an argument, so that a week of polling can pass in a second of a test."""

from __future__ import annotations

import asyncio
from typing import Protocol

from producer.events import MICROSECONDS_PER_SECOND, clock_micros

# A sleep counts a machine's running time, a clock goes on while it is suspended or is set.
LONGEST_SLEEP_SECONDS = 60.0


class Clock(Protocol):
    """Tells the time and lets it pass; microseconds since the epoch, UTC."""

    def now(self) -> int:
        """Return the time."""

    async def sleep_until(self, moment: int) -> None:
        """Return when the time has come; at once when it has passed."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> int:
        """Return the machine's time."""
        return clock_micros()

    async def sleep_until(self, moment: int) -> None:
        """Wait, looking at the clock again each minute."""
        while (micros := moment - clock_micros()) > 0:
            await asyncio.sleep(min(micros / MICROSECONDS_PER_SECOND, LONGEST_SLEEP_SECONDS))
