"""Moving average convergence and divergence."""

from typing import NamedTuple

import msgspec

from stream_job.indicators.candle import Candle
from stream_job.indicators.moving_averages import Ema


class MacdValue(NamedTuple):
    """The three lines, in units of price."""

    macd: float
    signal: float
    histogram: float


class Macd(msgspec.Struct):
    """The fast EMA of the close less the slow one, the EMA of that (signal), and the difference (histogram).

    The fast average is seeded so late that both averages begin at the same candle, and all three lines
    begin with the signal: TA-Lib's conventions. Hence the fast average is not `ema_12` until both have
    forgotten their seeds.
    Source: Appel, The Moving Average Convergence-Divergence Trading Method, 1985; the histogram: Aspray,
    1986. As TA-Lib's MACD.
    """

    fast: Ema
    slow: Ema
    signal: Ema

    @classmethod
    def of(cls, fast_period: int, slow_period: int, signal_period: int) -> "Macd":
        """Make a fresh one, of `fast_period` < `slow_period` candles."""
        return cls(Ema(fast_period), Ema(slow_period), Ema(signal_period))

    def update(self, candle: Candle) -> MacdValue | None:
        """Fold the next candle's close in; None for the first slow + signal - 2 candles."""
        slow = self.slow.push(candle.close)
        if self.slow.seen <= self.slow.period - self.fast.period:
            return None
        fast = self.fast.push(candle.close)
        if fast is None or slow is None:
            return None
        macd = fast - slow
        signal = self.signal.push(macd)
        return None if signal is None else MacdValue(macd, signal, macd - signal)
