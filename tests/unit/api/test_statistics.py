"""Statistics of closes, and decimals as they are written."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.analytics.statistics import correlation, max_drawdown, volatility
from api.analytics.summary import digits

prices = st.floats(0.01, 1e6)
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


@given(st.lists(prices, min_size=1, max_size=30))
def test_the_drawdown_is_the_deepest_of_all_falls(closes: list[float]) -> None:
    falls = [1 - later / closes[i] for i in range(len(closes)) for later in closes[i:]]
    assert max_drawdown(closes) == pytest.approx(max(falls))


def test_too_few_closes_have_no_statistics() -> None:
    assert max_drawdown([]) is None
    assert volatility([1.0, 2.0]) is None


def test_a_price_that_grows_evenly_has_no_volatility() -> None:
    assert volatility([1.0, math.e, math.e**2]) == pytest.approx(0, abs=1e-15)


def series(closes: list[float], *, every: int = 1) -> dict[datetime, float]:
    return {NOON + index * every * timedelta(minutes=1): close for index, close in enumerate(closes)}


@given(st.lists(prices, min_size=4, max_size=20, unique=True))
def test_a_price_goes_with_itself_and_against_its_inverse(closes: list[float]) -> None:
    _, with_itself = correlation(series(closes), series(closes))
    _, with_inverse = correlation(series(closes), series([1 / close for close in closes]))
    assert with_itself == pytest.approx(1)
    assert with_inverse == pytest.approx(-1)


def test_only_common_times_are_compared() -> None:
    count, correlated = correlation(series([1, 5, 2, 5, 3, 5, 7]), series([1, 2, 3, 7], every=2))
    assert count == 3
    assert correlated == pytest.approx(1)


@pytest.mark.parametrize(
    ("number", "text"),
    [("100", "100"), ("1E+3", "1000"), ("0.50", "0.5"), ("0.000", "0"), ("1E-18", "0.000000000000000001")],
)
def test_a_decimal_is_written_with_its_shortest_digits(number: str, text: str) -> None:
    assert digits(Decimal(number)) == text
