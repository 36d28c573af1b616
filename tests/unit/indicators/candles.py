"""Candles to test with."""

import datetime
import random

from stream_job.indicators.candle import Candle
from stream_job.indicators.catalogue import CATALOGUE, IndicatorDefinition

MINUTE = 60_000_000
MONDAY = datetime.date(2024, 1, 1)


def candle(
    minute: int,
    close: float,
    *,
    spread: float = 0.0,
    volume: float = 1.0,
    vwap: float | None = None,
    revision: int = 0,
) -> Candle:
    """Make the candle of one minute since Monday's midnight: it opens at its close, `spread` around it."""
    day = MONDAY + datetime.timedelta(days=minute // 1440)
    high, low = close * (1.0 + spread), close / (1.0 + spread)
    return Candle(minute * MINUTE, day, close, high, low, close, volume, vwap, revision)


def walk(count: int, *, start: float = 100.0, first_minute: int = 0, seed: int = 1) -> list[Candle]:
    """Make consecutive minutes of a repeatable random walk with fractional volumes."""
    randomness = random.Random(seed)
    candles = []
    for minute in range(first_minute, first_minute + count):
        start *= 1.0 + randomness.gauss(0.0, 1e-3)
        volume = randomness.expovariate(0.1)
        candles.append(candle(minute, start, spread=randomness.random() * 1e-3, volume=volume, revision=3))
    return candles


def definition(key: str) -> IndicatorDefinition:
    """Find an indicator of the catalogue."""
    return next(definition for definition in CATALOGUE if definition.key == key)
