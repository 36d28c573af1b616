"""One symbol over some time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Context, Decimal

from api.analytics.statistics import max_drawdown, volatility
from api.shapes.analytics import Summary
from api.shapes.market import Candle
from api.shapes.reference import Asset

# numeric(38, 18) times itself, summed ten thousand times, fits without rounding.
EXACT = Context(prec=100)
DIGITS = Decimal("1e-18")


@dataclass(frozen=True)
class Summed:
    """What is summed up: a symbol's candles of an interval over `[start, end)`."""

    asset: Asset
    interval: str
    start: datetime
    end: datetime


def summary(summed: Summed, candles: Sequence[Candle]) -> Summary:
    """Sum candles up, which are in ascending order."""
    closes = [float(candle.close or 0) for candle in candles]
    first, last = (candles[0], candles[-1]) if candles else (None, None)
    high = max((Decimal(candle.high or 0) for candle in candles), default=None)
    low = min((Decimal(candle.low or 0) for candle in candles), default=None)
    volume = _sum(Decimal(candle.volume or 0) for candle in candles)
    return Summary(
        symbol=summed.asset.symbol,
        interval=summed.interval,
        source_kind=summed.asset.source_kind,
        start=summed.start,
        end=summed.end,
        candles=len(candles),
        open=first.open if first else None,
        high=None if high is None else digits(high),
        low=None if low is None else digits(low),
        close=last.close if last else None,
        range=None if high is None or low is None else digits(high - low),
        return_=float(Decimal(last.close or 0) / Decimal(first.open or 1) - 1) if first and last else None,
        volatility=volatility(closes),
        max_drawdown=max_drawdown(closes),
        volume=digits(volume),
        average_volume=digits(EXACT.divide(volume, Decimal(len(candles)))) if candles else None,
        vwap=_vwap(candles),
        unfinished=sum(not candle.is_final for candle in candles),
        partial=sum(candle.is_partial for candle in candles),
    )


def digits(number: Decimal) -> str:
    """Return a decimal's shortest digits, of 18 behind the point at most."""
    text = f"{number.quantize(DIGITS, context=EXACT):f}"
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def _vwap(candles: Sequence[Candle]) -> str | None:
    traded = [
        (Decimal(candle.vwap), Decimal(candle.volume))
        for candle in candles
        if candle.vwap is not None and candle.volume is not None
    ]
    volume = _sum(volume for _, volume in traded)
    if not volume:
        return None
    return digits(EXACT.divide(_sum(EXACT.multiply(*pair) for pair in traded), volume))


def _sum(numbers: Iterable[Decimal]) -> Decimal:
    total = Decimal(0)
    for number in numbers:
        total = EXACT.add(total, number)
    return total
