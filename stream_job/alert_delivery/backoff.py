"""When an alert is tried again: later each time, and not all at once."""

import random
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Backoff:
    """Waits of `first`, then `factor` times as long each, `longest` at most; each a little off at random.

    With the values that hold here: 10 s, 40 s, 3, 11 and 43 minutes, then twice 2 hours: eight attempts in
    some five hours.
    """

    attempts: int = 8
    first: timedelta = timedelta(seconds=10)
    factor: int = 4
    longest: timedelta = timedelta(hours=2)
    spread: float = 0.2

    def after(self, attempts: int) -> timedelta | None:
        """How long to wait after so many attempts; None when that was the last."""
        if attempts >= self.attempts:
            return None
        factor: int = self.factor ** (attempts - 1)
        jitter = random.uniform(1 - self.spread, 1 + self.spread)  # noqa: S311  # no secret
        return min(self.first * factor, self.longest) * jitter
