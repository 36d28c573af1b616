"""Intervals from the errors that a model has made, and prices with the digits that the market uses."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal
from typing import Final

import numpy as np

from stream_job.forecasts.series import Floats

# So many errors make an interval at least, and the newest so many: older ones are of another market.
LEAST_ERRORS: Final = 30
MOST_ERRORS: Final = 250

_EXACT: Final = Context(prec=60)


@dataclass(frozen=True)
class PriceInterval:
    """A price within its interval, exact decimals: 0 < lower <= price <= upper."""

    price: Decimal
    lower: Decimal
    upper: Decimal


def errors_needed(confidence: float) -> int:
    """Return how many errors an interval of this confidence is made of at least."""
    share = Decimal(str(confidence))
    return max(LEAST_ERRORS, math.ceil(share / (1 - share)))


def half_width(errors: Floats, confidence: float) -> float:
    """Return the half of the interval around the next forecast, in the units of the errors.

    Split conformal prediction: of n absolute errors the ceil((n + 1) * confidence)-th smallest (Lei, G'Sell,
    Rinaldo, Tibshirani and Wasserman, 2018, Distribution-free predictive inference for regression, algorithm
    2), over the newest errors of one-step forecasts as in Wang and Hyndman, 2024, Online conformal inference
    for multi-step time series forecasting. Raises ValueError where the errors are too few.
    """
    newest = np.abs(errors[-MOST_ERRORS:])
    rank = math.ceil((len(newest) + 1) * Decimal(str(confidence)))
    if rank > len(newest):
        raise ValueError(f"{len(newest)} errors make no interval of confidence {confidence}")
    return float(np.partition(newest, rank - 1)[rank - 1])


def priced(last: Decimal, expected_return: float, half: float, scale: int) -> PriceInterval:
    """Return the price after a logarithmic return, and its interval, with ``scale`` digits after the point.

    The bounds are rounded outwards, so that rounding never takes away from the confidence.
    """
    unit = Decimal(1).scaleb(-scale)
    price = max(unit, _after(last, expected_return).quantize(unit, ROUND_HALF_EVEN, _EXACT))
    lower = _after(last, expected_return - half).quantize(unit, ROUND_FLOOR, _EXACT)
    upper = _after(last, expected_return + half).quantize(unit, ROUND_CEILING, _EXACT)
    return PriceInterval(price, min(price, max(unit, lower)), max(price, upper))


def _after(last: Decimal, logarithmic_return: float) -> Decimal:
    # A return of 0 leaves the price as it is, digit for digit.
    return _EXACT.multiply(last, Decimal(math.exp(logarithmic_return)))
