"""Relative strength index."""

import msgspec

from stream_job.indicators.candle import Candle
from stream_job.indicators.wilder import WilderAverage


class Rsi(msgspec.Struct):
    """Wilder's relative strength index, 0 to 100: `100 * gain / (gain + loss)`.

    `gain` and `loss` are Wilder averages of the rises and falls of the close. 0 where the close has never
    moved, which leaves the ratio undefined: TA-Lib's convention.
    Source: Wilder, New Concepts in Technical Trading Systems, 1978, section VI. As TA-Lib's RSI.
    """

    gain: WilderAverage
    loss: WilderAverage
    previous_close: float | None = None

    @classmethod
    def of(cls, period: int) -> "Rsi":
        """Make a fresh index over `period` candles."""
        return cls(WilderAverage(period), WilderAverage(period))

    def update(self, candle: Candle) -> float | None:
        """Fold the next candle's close in; None for the first `period` candles."""
        previous, self.previous_close = self.previous_close, candle.close
        if previous is None:
            return None
        change = candle.close - previous
        gain = self.gain.push(max(change, 0.0))
        loss = self.loss.push(max(-change, 0.0))
        if gain is None or loss is None:
            return None
        movement = gain + loss
        return 100.0 * gain / movement if movement > 0.0 else 0.0
