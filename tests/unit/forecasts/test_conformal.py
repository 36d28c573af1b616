"""Intervals of errors, and prices with the market's digits."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_job.forecasts.conformal import errors_needed, half_width, priced

RETURNS = st.floats(-2, 2)
PRICES = st.decimals("0.00000001", "9999999999", places=8)


def test_the_half_width_is_the_error_of_the_rank_that_the_confidence_asks_for() -> None:
    errors = np.random.default_rng(0).permutation(np.arange(1, 100)) * np.resize([1.0, -1.0], 99)
    assert half_width(errors, 0.9) == 90.0
    assert half_width(errors, 0.8) == 80.0
    assert half_width(errors, 0.99) == 99.0


def test_too_few_errors_make_no_interval() -> None:
    with pytest.raises(ValueError, match=r"^8 errors make no interval of confidence 0\.9$"):
        half_width(np.ones(8), 0.9)


@given(st.integers(50, 99).map(lambda percent: percent / 100))
def test_as_many_errors_as_are_needed_are_enough(confidence: float) -> None:
    assert half_width(np.ones(errors_needed(confidence)), confidence) == 1.0


def test_only_the_newest_errors_count() -> None:
    assert half_width(np.concatenate([np.full(500, 9.0), np.full(250, 1.0)]), 0.9) == 1.0


@given(last=PRICES, expected=RETURNS, half=st.floats(0, 5), scale=st.integers(0, 18))
def test_a_price_is_within_its_interval_and_above_zero(
    last: Decimal, expected: float, half: float, scale: int
) -> None:
    found = priced(last, expected, half, scale)
    assert 0 < found.lower <= found.price <= found.upper
    for value in (found.lower, found.price, found.upper):
        assert value.as_tuple().exponent == -scale


@given(last=PRICES, half=st.floats(0, 5))
def test_the_naive_price_is_the_last_one_digit_for_digit(last: Decimal, half: float) -> None:
    assert priced(last, 0.0, half, 8).price == last


@given(last=PRICES)
def test_rounding_never_narrows_an_interval(last: Decimal) -> None:
    coarse, fine = priced(last, 0.01, 0.1, 2), priced(last, 0.01, 0.1, 18)
    assert coarse.upper >= fine.upper
    assert coarse.lower <= fine.lower or coarse.lower == Decimal("0.01")


def test_a_price_has_the_digits_of_the_market() -> None:
    found = priced(Decimal("97123.45"), 0.001, 0.02, 2)
    assert [str(value) for value in (found.lower, found.price, found.upper)] == [
        "95295.52",
        "97220.62",
        "99184.61",
    ]
