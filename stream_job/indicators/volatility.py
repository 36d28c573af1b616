"""Realised volatility."""

import math

import msgspec

from stream_job.indicators.candle import Candle


class RealisedVolatility(msgspec.Struct):
    """Sample standard deviation of the last `period` logarithmic returns, close to close.

    Per candle and NOT annualised: 0.01 is one per cent a candle of whatever interval the series has. To
    annualise, multiply by the root of the number of such candles in a trading year; which number that is,
    is the reader's choice (252 daily candles of a stock, 365 of a coin). Computed from the window in two
    passes, so it does not drift.
    Source: Hull, Options, Futures, and Other Derivatives, section "Estimating volatility from historical
    data".
    """

    period: int
    previous_close: float | None = None
    returns: tuple[float, ...] = ()

    def update(self, candle: Candle) -> float | None:
        """Fold the next candle's close in; None for the first `period` candles."""
        previous, self.previous_close = self.previous_close, candle.close
        if previous is None:
            return None
        # log1p of the exact difference: log(close / previous) would lose the digits of a small return.
        self.returns = (*self.returns, math.log1p((candle.close - previous) / previous))[-self.period :]
        if len(self.returns) < self.period:
            return None
        mean = math.fsum(self.returns) / self.period
        return math.sqrt(math.fsum([(value - mean) ** 2 for value in self.returns]) / (self.period - 1))
