"""Average true range."""

import msgspec

from stream_job.indicators.candle import Candle
from stream_job.indicators.wilder import WilderAverage


class Atr(msgspec.Struct):
    """Wilder's average of the true range, in units of price.

    The true range is the larger of high and the previous close, less the smaller of low and the previous
    close; the first candle has none, having no previous close.
    Source: Wilder, New Concepts in Technical Trading Systems, 1978, section III. As TA-Lib's ATR.
    """

    average: WilderAverage
    previous_close: float | None = None

    @classmethod
    def of(cls, period: int) -> "Atr":
        """Make a fresh average over `period` candles."""
        return cls(WilderAverage(period))

    def update(self, candle: Candle) -> float | None:
        """Fold the next candle in; None for the first `period` candles."""
        previous, self.previous_close = self.previous_close, candle.close
        if previous is None:
            return None
        return self.average.push(max(candle.high, previous) - min(candle.low, previous))
