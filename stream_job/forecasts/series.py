"""A series of closing prices, as models see it; times are UTC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from stream_job.forecasts.horizon import ForecastInterval

Floats = npt.NDArray[np.float64]

# Longer than a weekend with holidays. What lies before a longer silence is another market: the step over it
# is no return of one candle.
LONGEST_SILENCE: Final[dict[ForecastInterval, timedelta]] = {
    "1h": timedelta(days=5),
    "1d": timedelta(days=14),
}


@dataclass(frozen=True)
class Candle:
    """A final candle, as far as a forecast needs it."""

    bucket_start: datetime
    close: Decimal


@dataclass(frozen=True)
class Series:
    """The candles of a symbol and interval, oldest first, and whose they are.

    ``calendar`` is the venue's, ``source_kind`` how real the source is; None where nobody knows it.
    """

    symbol: str
    interval: ForecastInterval
    calendar: str
    source_kind: str | None
    candles: tuple[Candle, ...]

    @property
    def name(self) -> str:
        """The series in a sentence: `AAPL 1d`."""
        return f"{self.symbol} {self.interval}"

    @cached_property
    def closes(self) -> Floats:
        """The closes in binary, for the models."""
        return np.array([float(candle.close) for candle in self.candles], dtype=np.float64)

    @property
    def price_scale(self) -> int:
        """How many digits after the point its prices have."""
        return max(_scale(candle.close) for candle in self.candles[-100:])


def since_last_silence(candles: Sequence[Candle], interval: ForecastInterval) -> tuple[Candle, ...]:
    """Return the candles after the last silence that was longer than any closure of a venue."""
    longest = LONGEST_SILENCE[interval]
    for position in range(len(candles) - 1, 0, -1):
        if candles[position].bucket_start - candles[position - 1].bucket_start > longest:
            return tuple(candles[position:])
    return tuple(candles)


def _scale(price: Decimal) -> int:
    # `normalize` rounds to the context's 28 digits, which a price of numeric(38, 18) may exceed.
    digits = f"{price:f}".partition(".")[2].rstrip("0")
    return len(digits)
