"""Series of prices for tests: random walks and others, in daily candles of a venue that never closes."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np

from stream_job.forecasts.series import Candle, Floats, Series

START = datetime(2024, 1, 1, tzinfo=UTC)


def random_walk(length: int, seed: int = 1, volatility: float = 0.01) -> Floats:
    """Prices whose returns no model can know."""
    returns = np.random.default_rng(seed).normal(0, volatility, length)
    return _prices(returns)


def swinging(length: int, seed: int = 1, memory: float = -0.6) -> Floats:
    """Prices of which each return takes back a part of the one before: there is something to learn."""
    noise = np.random.default_rng(seed).normal(0, 0.01, length)
    returns = np.zeros(length)
    for step in range(1, length):
        returns[step] = memory * returns[step - 1] + noise[step]
    return _prices(returns)


def series_of(closes: Floats, symbol: str = "BTC-USD", digits: int = 2) -> Series:
    """A daily series of these prices, rounded to so many digits."""
    candles = tuple(
        Candle(START + timedelta(days=day), Decimal(f"{close:.{digits}f}"))
        for day, close in enumerate(closes)
    )
    return Series(symbol, "1d", "24/7", "live", candles)


def _prices(returns: Floats) -> Floats:
    prices: Floats = np.exp(np.log(100.0) + np.cumsum(returns))
    return prices
