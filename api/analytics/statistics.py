"""Statistics of closes, as floats; undefined ones are None."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise

FEWEST_RETURNS = 2


def log_returns(closes: Sequence[float]) -> list[float]:
    """Return the logarithm of each close over the one before it."""
    return [math.log(after / before) for before, after in pairwise(closes)]


def volatility(closes: Sequence[float]) -> float | None:
    """Return the sample deviation of the log returns; None below two of them."""
    returns = log_returns(closes)
    return statistics.stdev(returns) if len(returns) >= FEWEST_RETURNS else None


def max_drawdown(closes: Sequence[float]) -> float | None:
    """Return the deepest fall from a close to a later one, as a fraction of the earlier; None without any."""
    if not closes:
        return None
    peak, deepest = closes[0], 0.0
    for close in closes:
        peak = max(peak, close)
        deepest = max(deepest, 1 - close / peak)
    return deepest


def correlation(one: Mapping[datetime, float], other: Mapping[datetime, float]) -> tuple[int, float | None]:
    """Return how many returns two series of closes have in common times, and how those correlate."""
    times = sorted(one.keys() & other.keys())
    pairs = [log_returns([closes[time] for time in times]) for closes in (one, other)]
    count = len(pairs[0])
    if count < FEWEST_RETURNS:
        return count, None
    try:
        return count, statistics.correlation(*pairs)
    except statistics.StatisticsError:  # one of them is constant
        return count, None
