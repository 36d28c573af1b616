"""Volume-weighted average price of the trading day."""

import datetime

import msgspec

from stream_job.indicators.candle import Candle


class DayVwap(msgspec.Struct):
    """What the day's volume traded at on average so far: turnover over volume since the day's first candle.

    It begins anew with each `trading_day`. A candle's turnover is its own `vwap` times its volume; a candle
    with volume but without a `vwap` counts at its typical price `(high + low + close) / 3`, the customary
    approximation from bars. None until the day has volume. A series that begins inside a day knows the rest
    of that day only. Plain sums suffice: a day has at most 1,440 candles, all terms positive, so the error
    stays below 1e-12.
    Source: Berkowitz, Logue and Noser, The Total Cost of Transactions on the NYSE, Journal of Finance 43,
    1988.
    """

    trading_day: datetime.date | None = None
    turnover: float = 0.0
    volume: float = 0.0

    def update(self, candle: Candle) -> float | None:
        """Fold the next candle in; None while the trading day has no volume."""
        if candle.trading_day != self.trading_day:
            self.trading_day, self.turnover, self.volume = candle.trading_day, 0.0, 0.0
        price = candle.vwap
        if price is None:
            price = (candle.high + candle.low + candle.close) / 3.0
        self.turnover += price * candle.volume
        self.volume += candle.volume
        return self.turnover / self.volume if self.volume > 0.0 else None
