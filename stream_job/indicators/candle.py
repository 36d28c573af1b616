"""The final candle as indicators read it."""

import datetime
import math
from decimal import Decimal
from typing import Self

import msgspec


class Candle(msgspec.Struct, frozen=True, array_like=True):
    """A final candle of one symbol and interval, in binary floats.

    Candles are stored as exact decimals. Indicators are statistics, full of roots, logarithms and recursive
    means, and are computed in float64 (15 to 17 significant digits); `from_exact` is the one place where a
    decimal becomes a float, correctly rounded.

    `bucket_start` is in microseconds since the epoch, UTC; `trading_day` is the venue's session date.
    `vwap` is None where the candle has no traded volume to weigh with. `revision` is the candle's own and
    grows with every change to it. ValueError: a price that is not positive and finite, or a negative
    volume.
    """

    bucket_start: int
    trading_day: datetime.date
    open: float
    high: float
    low: float
    close: float
    volume: float
    vwap: float | None = None
    revision: int = 0

    def __post_init__(self) -> None:
        if not (0.0 < self.low <= self.high < math.inf and self.low <= self.open <= self.high):
            raise ValueError(self._complaint("needs 0 < low <= open <= high, all finite"))
        if not (self.low <= self.close <= self.high and 0.0 <= self.volume < math.inf):
            raise ValueError(self._complaint("needs low <= close <= high, and a finite volume of 0 or more"))
        if self.vwap is not None and not 0.0 < self.vwap < math.inf:
            raise ValueError(self._complaint("needs a positive, finite vwap or none"))

    def _complaint(self, rule: str) -> str:
        return (
            f"The candle that starts at {self.bucket_start} cannot feed an indicator: it {rule}; got {self}."
        )

    @classmethod
    def from_exact(
        cls,
        *,
        bucket_start: int,
        trading_day: datetime.date,
        open: Decimal | str,  # noqa: A002 - the name of the column
        high: Decimal | str,
        low: Decimal | str,
        close: Decimal | str,
        volume: Decimal | str,
        vwap: Decimal | str | None,
        revision: int,
    ) -> Self:
        """Round a candle's exact decimals, or their decimal notation, to the nearest binary floats."""
        return cls(
            bucket_start,
            trading_day,
            float(open),
            float(high),
            float(low),
            float(close),
            float(volume),
            None if vwap is None else float(vwap),
            revision,
        )
