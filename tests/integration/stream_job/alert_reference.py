"""When a rule has to fire, computed from all values at once: no state goes from one to the next."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TypeVar

Number = TypeVar("Number", Decimal, float)
Series = Sequence[tuple[datetime, Number]]


def rises_through(series: Series[Number], level: Number, hysteresis: Number) -> list[tuple[datetime, Number]]:
    """The values at which a series rises through a level, with hysteresis; its first one only begins it.

    Values between the level and the hysteresis below it say nothing; of those that are left, each at or
    above the level that follows one below it.
    """
    back = level - hysteresis
    told = [
        (time, value) for number, (time, value) in enumerate(series) if not number or not back < value < level
    ]
    return [after for before, after in pairwise(told) if before[1] < level <= after[1]]


def falls_through(series: Series[Number], level: Number, hysteresis: Number) -> list[tuple[datetime, Number]]:
    """The mirror image of `rises_through`."""
    upside_down = rises_through([(time, -value) for time, value in series], -level, hysteresis)
    return [(time, -value) for time, value in upside_down]


def moves_up(
    series: Series[Decimal], percent: Decimal, window: timedelta, hysteresis: Decimal
) -> list[tuple[datetime, Decimal]]:
    """The moves, in percent above the lowest price of the window that ends with each price, that fire."""
    times = [time for time, _ in series]
    moves: list[tuple[datetime, Decimal]] = []
    for number, (time, price) in enumerate(series):
        low = min(value for _, value in series[bisect_left(times, time - window) : number + 1])
        moves.append((time, (price - low) * 100 / low))
    below: Callable[[Decimal], bool] = lambda move: move < percent - hysteresis  # noqa: E731
    told = [move for move in moves if move[1] >= percent or below(move[1])]
    return [after for before, after in pairwise(told) if below(before[1]) and after[1] >= percent]


def spikes(series: Series[Decimal], ratio: Decimal, candles: int) -> list[tuple[datetime, Decimal]]:
    """The volumes that are so many times the mean of those before them."""
    return [
        (time, volume)
        for number, (time, volume) in enumerate(series)
        if number >= candles
        and volume >= ratio * sum((v for _, v in series[number - candles : number]), Decimal(0)) / candles
    ]
