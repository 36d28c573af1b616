"""What a model is, and the naive ones that every other has to beat.

A model forecasts the logarithm of the next close divided by the last: so no price is ever negative, and
"as now" is 0. The simple methods are those of Hyndman and Athanasopoulos, Forecasting: Principles and
Practice (3rd edition), chapter 5.2, on logarithms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from producer.trading_day import ALWAYS_OPEN
from stream_job.forecasts.horizon import ForecastInterval
from stream_job.forecasts.series import Floats

NAIVE: Final = "naive"


class Fitted(Protocol):
    """A model that has been trained."""

    def next_return(self, logs: Floats) -> float:
        """Return the logarithmic return expected of the candle after these; ``logs`` are ln(close)."""
        ...


class Model(Protocol):
    """A way to forecast; ``needs`` is the number of candles from which on it can be trained."""

    @property
    def name(self) -> str:
        """What it is called in the tables."""
        ...

    @property
    def needs(self) -> int:
        """How many candles it is trained on at least."""
        ...

    def fit(self, logs: Floats) -> Fitted:
        """Train on ln(close), oldest first: all that is known at the time."""
        ...


@dataclass(frozen=True)
class Naive:
    """The next close is the last one: what a random walk is forecast best by."""

    name: str = NAIVE
    needs: int = 10

    def fit(self, logs: Floats) -> Naive:
        """Learn nothing."""
        return self

    def next_return(self, logs: Floats) -> float:
        """Return 0."""
        return 0.0


@dataclass(frozen=True)
class Drift:
    """The price goes on as it went from the first candle to the last."""

    name: str = "drift"
    needs: int = 10

    def fit(self, logs: Floats) -> Drift:
        """Learn nothing: the candles themselves say how they went."""
        return self

    def next_return(self, logs: Floats) -> float:
        """Return the mean return."""
        return float((logs[-1] - logs[0]) / (len(logs) - 1))


@dataclass(frozen=True)
class SeasonalNaive:
    """The next close is that of a season ago, as of the same hour yesterday."""

    season: int
    name: str = "seasonal_naive"

    @property
    def needs(self) -> int:
        """A season, and the candle whose season it is."""
        return max(10, self.season + 1)

    def fit(self, logs: Floats) -> SeasonalNaive:
        """Learn nothing."""
        return self

    def next_return(self, logs: Floats) -> float:
        """Return what leads back to the close of a season before the next candle."""
        return float(logs[-self.season] - logs[-1])


def season_of(calendar: str, interval: ForecastInterval) -> int:
    """Return how many candles the market's rhythm has: a day of hours, a week of days."""
    if interval == "1h":
        # A session of six and a half hours touches seven hours of the clock.
        return 24 if calendar == ALWAYS_OPEN else 7
    return 7 if calendar == ALWAYS_OPEN else 5
