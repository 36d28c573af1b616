"""The smoothing that Wilder's indicators share."""

import msgspec


class WilderAverage(msgspec.Struct):
    """Wilder's average: `average = (average * (period - 1) + value) / period`.

    Seeded with the mean of the first `period` values. Like an exponential average it forgets its rounding
    errors.
    Source: Wilder, New Concepts in Technical Trading Systems, 1978.
    """

    period: int
    seen: int = 0
    average: float = 0.0

    def push(self, value: float) -> float | None:
        """Fold the next value in; None for the first `period` - 1 values."""
        if self.seen >= self.period:
            self.average = (self.average * (self.period - 1) + value) / self.period
            return self.average
        self.seen += 1
        self.average += value  # still a sum
        if self.seen < self.period:
            return None
        self.average /= self.period
        return self.average
