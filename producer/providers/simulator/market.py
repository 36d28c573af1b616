"""The simulated market: a pure function of (seed, symbol, time), so that it can start anywhere.

A price is the symbol's usual level times the exponential of a sum of noise octaves, as in Lévy's
construction of Brownian motion: each octave is a line between random points twice as close as the
octave above and smaller by the square root of two. That gives a random walk that needs no past. How
strongly the fast octaves swing, and how often trades happen, follows a slow noise of its own: quiet
hours and busy ones, as in real markets.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b

from producer.events import MICROSECONDS_PER_SECOND

_SLOWEST_OCTAVE = 21  # 2**21 s, about 24 days
_FAST_OCTAVE = 11  # 2**11 s, about 34 minutes
_DAILY_VOLATILITY = {"crypto": 0.03, "stock": 0.015}
_SECONDS_PER_DAY = 86_400
_ACTIVITY_OCTAVES = (13, 11, 9)  # busy spells of 2.3 hours, 34 minutes and 9 minutes
_TRADES_PER_SECOND_LIMIT = 999  # the sequence number leaves three digits for a second's trades

_LEVELS = {"BTC-USD": 64_000.0, "ETH-USD": 3_100.0, "SOL-USD": 150.0, "AAPL": 230.0, "MSFT": 420.0}


@dataclass(frozen=True)
class Print:
    """One simulated trade; the time in microseconds since the epoch, UTC."""

    event_time: int
    sequence: int
    price: Decimal
    size: Decimal


class SimulatedSymbol:
    """The market of one symbol under one seed; equal arguments give equal trades, always."""

    def __init__(self, seed: int, symbol: str, trades_per_second: float) -> None:
        self._rate = trades_per_second
        name = symbol.removesuffix(".SIM")
        digest = blake2b(f"{seed}:{symbol}".encode(), digest_size=8).digest()
        self._key = int.from_bytes(digest)
        self._crypto = "-" in name
        self._level = _LEVELS.get(name) or math.exp(1.6 + 4.6 * _uniform(self._key, 0, 0))
        self._decimals = 2 if self._level >= 1 else 5
        daily = _DAILY_VOLATILITY["crypto" if self._crypto else "stock"]
        self._volatility = daily / math.sqrt(_SECONDS_PER_DAY)
        self._price_at = lru_cache(maxsize=4)(self._price_at_second)

    def trades(self, second: int) -> list[Print]:
        """Return the trades of one second since the epoch, in order of time."""
        chance = random.Random(self._key ^ (second * 0x9E3779B97F4A7C15))  # noqa: S311  # no secret
        busy = self._activity(second)
        count = _poisson(chance, self._rate * busy)
        if count == 0:
            return []
        start, end = self._price_at(second), self._price_at(second + 1)
        times = sorted(chance.randrange(MICROSECONDS_PER_SECOND) for _ in range(count))
        half_spread = max(0.5 * 10**-self._decimals, start * 0.00004 * busy)
        return [
            Print(
                second * MICROSECONDS_PER_SECOND + offset,
                second * (_TRADES_PER_SECOND_LIMIT + 1) + index,
                self._rounded(
                    start
                    + (end - start) * offset / MICROSECONDS_PER_SECOND
                    + chance.choice((-half_spread, half_spread))
                ),
                self._size(chance, start),
            )
            for index, offset in enumerate(times)
        ]

    def _price_at_second(self, second: int) -> float:
        wander = 0.0
        busy = self._activity(second)
        for octave in range(_SLOWEST_OCTAVE + 1):
            swing = self._volatility * math.sqrt(2.0**octave)
            # Only what moves within the hour swings with activity, or a busy spell would shift the level.
            factor = busy if octave <= _FAST_OCTAVE else 1.0
            wander += _noise(self._key, octave, octave, second) * swing * factor
        return self._level * math.exp(wander)

    def _activity(self, second: int) -> float:
        spells = (_noise(self._key, 100 + octave, octave, second) for octave in _ACTIVITY_OCTAVES)
        return math.exp(0.8 * sum(spells))

    def _rounded(self, price: float) -> Decimal:
        return Decimal(f"{max(price, 10**-self._decimals):.{self._decimals}f}")

    def _size(self, chance: random.Random, price: float) -> Decimal:
        notional = chance.lognormvariate(6.5, 1.6)
        if self._crypto:
            return Decimal(f"{max(notional / price, 0.00000001):.8f}")
        return Decimal(max(1, round(notional / price)))


def _noise(key: int, stream: int, octave: int, second: int) -> float:
    """Return noise in [-1, 1]: a line between random points 2**octave seconds apart."""
    index, rest = divmod(second, 1 << octave)
    left, right = _lattice(key, stream, index), _lattice(key, stream, index + 1)
    return left + (right - left) * rest / (1 << octave)


@lru_cache(maxsize=65_536)
def _lattice(key: int, stream: int, index: int) -> float:
    return 2.0 * _uniform(key, stream, index) - 1.0


def _uniform(key: int, stream: int, index: int) -> float:
    """Hash to [0, 1): the finaliser of SplitMix64 over the three numbers."""
    mask = 0xFFFFFFFFFFFFFFFF
    mixed = (key + stream * 0x9E3779B97F4A7C15 + index * 0xD1B54A32D192ED03) & mask
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & mask
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & mask
    return ((mixed ^ (mixed >> 31)) >> 11) / (1 << 53)


def _poisson(chance: random.Random, mean: float) -> int:
    """Draw a Poisson number by Knuth's product, cut off where a second is full."""
    floor, product, count = math.exp(-min(mean, 700.0)), chance.random(), 0
    while product > floor and count < _TRADES_PER_SECOND_LIMIT:
        product *= chance.random()
        count += 1
    return count
