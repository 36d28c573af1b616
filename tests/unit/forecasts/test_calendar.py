"""Which candle comes next at a venue, and when one has ended."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_job.forecasts.calendar import end_of, next_bucket
from stream_job.forecasts.horizon import ForecastInterval


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("calendar", "interval", "newest", "following"),
    [
        ("24/7", "1h", utc(2024, 2, 29, 23), utc(2024, 3, 1)),
        ("24/7", "1d", utc(2024, 2, 29), utc(2024, 3, 1)),
        ("XNYS", "1d", utc(2024, 11, 27), utc(2024, 11, 29)),  # over Thanksgiving
        ("XNYS", "1d", utc(2024, 11, 29), utc(2024, 12, 2)),  # over a weekend
        ("XNYS", "1h", utc(2024, 11, 27, 19), utc(2024, 11, 27, 20)),
        ("XNYS", "1h", utc(2024, 11, 27, 20), utc(2024, 11, 29, 14)),
        ("XNYS", "1h", utc(2024, 11, 29, 17), utc(2024, 12, 2, 14)),  # after a half day
        ("XNYS", "1h", utc(2024, 11, 27, 23), utc(2024, 11, 29, 14)),  # from a trade after hours
        ("XNYS", "1h", utc(2024, 3, 8, 20), utc(2024, 3, 11, 13)),  # to summer time
    ],
)
def test_the_next_candle_is_the_first_in_which_the_venue_is_open(
    calendar: str, interval: ForecastInterval, newest: datetime, following: datetime
) -> None:
    assert next_bucket(calendar, interval, newest) == following


def test_a_day_has_ended_with_its_session() -> None:
    assert end_of("XNYS", "1d", utc(2024, 11, 29)) == utc(2024, 11, 29, 18)
    assert end_of("24/7", "1d", utc(2024, 11, 29)) == utc(2024, 11, 30)
    assert end_of("XNYS", "1h", utc(2024, 11, 29, 17)) == utc(2024, 11, 29, 18)


def test_an_unknown_calendar_is_named() -> None:
    with pytest.raises(ValueError, match="NOWHERE"):
        next_bucket("NOWHERE", "1d", utc(2024, 11, 29))


@settings(max_examples=30)
@given(
    st.sampled_from(["24/7", "XNYS", "CMES", "XTKS", "XASX"]),
    st.sampled_from(["1h", "1d"]),
    st.integers(0, 700),
    st.integers(0, 23),
)
def test_what_a_model_was_trained_on_ends_before_what_it_forecasts(
    calendar: str, interval: ForecastInterval, day: int, hour: int
) -> None:
    newest = utc(2023, 1, 1) + timedelta(days=day, hours=hour if interval == "1h" else 0)
    assert end_of(calendar, interval, newest) <= next_bucket(calendar, interval, newest)
