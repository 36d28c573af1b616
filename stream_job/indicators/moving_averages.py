"""Moving averages of the close."""

import math

import msgspec

from stream_job.indicators.candle import Candle


class Sma(msgspec.Struct):
    """Simple moving average: the mean of the last `period` closes.

    The sum of the window is taken anew, exactly rounded, at each candle: a running sum would carry the
    rounding error of every price that ever passed through it.
    Source: Murphy, Technical Analysis of the Financial Markets, 1999, chapter 9. As TA-Lib's SMA.
    """

    period: int
    window: tuple[float, ...] = ()

    def push(self, value: float) -> float | None:
        """Fold any series' next value in."""
        self.window = (*self.window, value)[-self.period :]
        if len(self.window) < self.period:
            return None
        return math.fsum(self.window) / self.period

    def update(self, candle: Candle) -> float | None:
        """Fold the next candle's close in; None for the first `period` - 1 candles."""
        return self.push(candle.close)


class Ema(msgspec.Struct):
    """Exponential moving average: `ema += (close - ema) * 2 / (period + 1)`.

    Seeded with the mean of the first `period` closes. The recursion forgets its own rounding errors at the
    same rate as old prices, so it does not drift.
    Source: Murphy, Technical Analysis of the Financial Markets, 1999, chapter 9. As TA-Lib's EMA.
    """

    period: int
    seen: int = 0
    seed: float = 0.0
    average: float = 0.0

    def push(self, value: float) -> float | None:
        """Fold any series' next value in."""
        if self.seen >= self.period:
            self.average += (value - self.average) * (2.0 / (self.period + 1))
            return self.average
        self.seen += 1
        self.seed += value
        if self.seen < self.period:
            return None
        self.average = self.seed / self.period
        return self.average

    def update(self, candle: Candle) -> float | None:
        """Fold the next candle's close in; None for the first `period` - 1 candles."""
        return self.push(candle.close)
