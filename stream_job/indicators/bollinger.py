"""Bollinger bands."""

import math
from typing import NamedTuple

import msgspec

from stream_job.indicators.candle import Candle
from stream_job.indicators.moving_averages import Sma


class BollingerValue(NamedTuple):
    """The three bands, in units of price."""

    upper: float
    middle: float
    lower: float


class BollingerBands(msgspec.Struct):
    """The moving average of the close, and `width` population standard deviations above and below it.

    The deviation is computed from the window in two passes: the difference of two large sums of squares,
    which running formulas take, loses every digit where prices move little.
    Source: Bollinger, Bollinger on Bollinger Bands, 2001. As TA-Lib's BBANDS.
    """

    average: Sma
    width: float

    @classmethod
    def of(cls, period: int, width: float) -> "BollingerBands":
        """Make fresh bands over `period` candles, `width` deviations wide on either side."""
        return cls(Sma(period), width)

    def update(self, candle: Candle) -> BollingerValue | None:
        """Fold the next candle's close in; None for the first `period` - 1 candles."""
        middle = self.average.update(candle)
        if middle is None:
            return None
        squares = math.fsum([(close - middle) ** 2 for close in self.average.window])
        reach = self.width * math.sqrt(squares / self.average.period)
        return BollingerValue(middle + reach, middle, middle - reach)
