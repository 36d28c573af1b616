"""On-balance volume."""

import msgspec

from stream_job.indicators.candle import Candle


class Obv(msgspec.Struct):
    """Volume summed with the sign of the close's change, in units of volume.

    It begins with the first candle's volume, as TA-Lib's OBV; only its changes mean something. The sum
    never ends, so it is compensated (Neumaier): after a million candles its error is still that of one
    rounding.
    Source: Granville, Granville's New Key to Stock Market Profits, 1963.
    """

    previous_close: float | None = None
    total: float = 0.0
    compensation: float = 0.0

    def update(self, candle: Candle) -> float:
        """Fold the next candle in."""
        previous, self.previous_close = self.previous_close, candle.close
        if previous is None or candle.close > previous:
            self._add(candle.volume)
        elif candle.close < previous:
            self._add(-candle.volume)
        return self.total + self.compensation

    def _add(self, volume: float) -> None:
        total = self.total + volume
        if abs(self.total) >= abs(volume):
            self.compensation += (self.total - total) + volume
        else:
            self.compensation += (volume - total) + self.total
        self.total = total
