"""Stochastic oscillator."""

from typing import NamedTuple

import msgspec

from stream_job.indicators.candle import Candle
from stream_job.indicators.moving_averages import Sma


class StochasticValue(NamedTuple):
    """Both lines, 0 to 100."""

    k: float
    d: float


class Stochastic(msgspec.Struct):
    """Where the close lies from the lowest low (0) to the highest high (100) of the last `period` candles.

    %K is that, smoothed by a simple average; %D is a simple average of %K. A window without any range
    counts as 0: TA-Lib's convention. Both lines begin with %D.
    Source: Lane, Lane's Stochastics, Technical Analysis of Stocks & Commodities, 1984. As TA-Lib's STOCH.
    """

    period: int
    k: Sma
    d: Sma
    highs: tuple[float, ...] = ()
    lows: tuple[float, ...] = ()

    @classmethod
    def of(cls, period: int, k_period: int, d_period: int) -> "Stochastic":
        """Make a fresh oscillator over `period` candles, smoothed over `k_period`, then `d_period`."""
        return cls(period, Sma(k_period), Sma(d_period))

    def update(self, candle: Candle) -> StochasticValue | None:
        """Fold the next candle in; None for the first period + k_period + d_period - 3 candles."""
        self.highs = (*self.highs, candle.high)[-self.period :]
        self.lows = (*self.lows, candle.low)[-self.period :]
        if len(self.highs) < self.period:
            return None
        lowest, highest = min(self.lows), max(self.highs)
        place = (candle.close - lowest) / (highest - lowest) if highest > lowest else 0.0
        k = self.k.push(100.0 * place)
        if k is None:
            return None
        d = self.d.push(k)
        return None if d is None else StochasticValue(k, d)
