"""Lengths of candles as they are written, and where their candles begin."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.errors import InvalidRequestError
from api.intervals import parsed


@pytest.mark.parametrize(
    ("written", "name", "stored", "count"),
    [
        ("1m", "1m", "1m", 1),
        ("7m", "7m", "1m", 7),
        ("10m", "10m", "5m", 2),
        ("45m", "45m", "15m", 3),
        ("60m", "1h", "1h", 1),
        ("90m", "90m", "15m", 6),
        ("24h", "24h", "1h", 24),
        ("1d", "1d", "1d", 1),
        ("2d", "2d", "1d", 2),
        ("1w", "1w", "1d", 7),
    ],
)
def test_a_multiple_is_made_of_the_longest_stored_candles_that_divide_it(
    written: str, name: str, stored: str, count: int
) -> None:
    interval = parsed(written)
    assert (interval.name, interval.stored, interval.count) == (name, stored, count)
    assert interval.is_stored == (count == 1)


@pytest.mark.parametrize("written", ["90s", "0m", "01m", "m", "1M", "1.5h", "-1m", "", "1m\n", "100000m"])
def test_what_is_no_whole_number_of_a_unit_is_refused_with_an_example(written: str) -> None:
    with pytest.raises(InvalidRequestError, match="such as 7m, 4h, 2d or 1w"):
        parsed(written)


@pytest.mark.parametrize(("written", "longest"), [("8d", None), ("53w", "366"), ("169h", "7 days")])
def test_there_is_a_longest_one(written: str, longest: str | None) -> None:
    if longest is None:
        assert parsed(written).count == 8
    else:
        with pytest.raises(InvalidRequestError, match=longest):
            parsed(written)


def test_hours_begin_by_the_clock_and_weeks_on_mondays() -> None:
    moment = datetime(2026, 1, 8, 13, 37, tzinfo=UTC)  # a Thursday
    assert parsed("4h").floor(moment) == datetime(2026, 1, 8, 12, tzinfo=UTC)
    assert parsed("24h").floor(moment) == datetime(2026, 1, 8, tzinfo=UTC)
    assert parsed("1w").floor(moment) == datetime(2026, 1, 5, tzinfo=UTC)


times = st.datetimes(datetime(1970, 1, 5), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(moment=times, written=st.sampled_from(["1m", "7m", "4h", "1d", "2d", "1w"]))
def test_floor_and_ceil_are_the_beginnings_next_to_a_moment(moment: datetime, written: str) -> None:
    interval = parsed(written)
    before, after = interval.floor(moment), interval.ceil(moment)
    assert before <= moment <= after
    assert after - before in (timedelta(0), interval.length)
    assert (before - interval.origin) % interval.length == timedelta(0)
