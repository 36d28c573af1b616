"""What every indicator is."""

from typing import Protocol

from stream_job.indicators.candle import Candle


class Indicator(Protocol):
    """A mutable msgspec structure whose fields are its parameters and its whole state.

    So its encoding is its snapshot. An indicator counts candles, not time: a gap in which nothing traded is
    not filled, and the candles before and after it are neighbours.
    """

    def update(self, candle: Candle, /) -> float | tuple[float, ...] | None:
        """Fold the next candle in; None while warming up, or where the value is undefined."""
