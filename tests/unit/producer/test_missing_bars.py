"""What is missing follows from the venue's calendar; the calls that fetch it are few and small enough."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.backfill.missing import Window, calls_for, expected_buckets, missing_buckets
from producer.bars import INTERVAL_MICROS, Interval, day_start
from producer.events import to_datetime, to_micros

MINUTE = INTERVAL_MICROS["1m"]
LATER = to_micros(datetime(2026, 1, 1, tzinfo=UTC))


def micros(text: str) -> int:
    return to_micros(datetime.fromisoformat(text).replace(tzinfo=UTC))


def expected(calendar: str, interval: Interval, start: str, end: str, now: int = LATER) -> list[str]:
    buckets = expected_buckets(calendar, interval, Window(micros(start), micros(end)), now)
    return [f"{to_datetime(bucket):%Y-%m-%d %H:%M}" for bucket in buckets]


def test_a_venue_that_never_closes_has_every_bucket_that_begins_in_the_time() -> None:
    assert expected("24/7", "15m", "2024-12-31 23:20", "2025-01-01 00:15") == [
        *("2024-12-31 23:30", "2024-12-31 23:45", "2025-01-01 00:00")
    ]


def test_days_are_the_sessions_without_weekends_and_holidays() -> None:
    days = expected("XNYS", "1d", "2024-11-27", "2024-12-03")
    assert days == ["2024-11-27 00:00", "2024-11-29 00:00", "2024-12-02 00:00"]


def test_minutes_are_those_of_the_session_and_a_half_day_has_fewer() -> None:
    whole = expected("XNYS", "1m", "2024-11-27", "2024-11-28")
    half = expected("XNYS", "1m", "2024-11-29", "2024-11-30")
    assert (len(whole), whole[0], whole[-1]) == (390, "2024-11-27 14:30", "2024-11-27 20:59")
    assert (len(half), half[-1]) == (210, "2024-11-29 17:59")


def test_an_hour_in_which_a_session_opens_counts_whole() -> None:
    hours = expected("XNYS", "1h", "2024-11-27", "2024-11-28")
    assert (len(hours), hours[0], hours[-1]) == (7, "2024-11-27 14:00", "2024-11-27 20:00")


@pytest.mark.parametrize(
    ("calendar", "interval", "now", "last"),
    [
        ("24/7", "1m", "2024-11-27 15:00:59", "2024-11-27 14:59"),
        ("24/7", "1d", "2024-11-27 23:59", "2024-11-26 00:00"),
        ("XNYS", "1d", "2024-11-27 20:59", "2024-11-26 00:00"),
        ("XNYS", "1d", "2024-11-27 21:00", "2024-11-27 00:00"),
        ("XNYS", "1m", "2024-11-27 15:01", "2024-11-27 15:00"),
    ],
)
def test_what_is_not_finished_is_not_expected(calendar: str, interval: Interval, now: str, last: str) -> None:
    assert expected(calendar, interval, "2024-11-25", "2024-11-29", micros(now))[-1] == last


def test_many_years_of_sessions_are_known() -> None:
    days = expected("XNYS", "1d", "2000-03-01", "2013-03-02")
    assert (len(days), days[0], days[-1]) == (3270, "2000-03-01 00:00", "2013-03-01 00:00")


def test_a_calendar_that_there_is_not_is_said() -> None:
    with pytest.raises(ValueError, match="no sessions of the calendar 'NOWHERE'"):
        expected("NOWHERE", "1d", "2024-11-25", "2024-11-29")


def test_what_is_present_or_was_answered_is_not_missing() -> None:
    buckets = [day_start(date(2024, 1, day)) for day in range(1, 11)]
    answered = [Window(buckets[6], buckets[8]), Window(buckets[2], buckets[3])]
    missing = missing_buckets(buckets, {buckets[0], buckets[9]}, answered)
    assert missing == [buckets[1], *buckets[3:6], buckets[8]]


@given(st.lists(st.integers(0, 2_000), unique=True), st.integers(1, 300))
def test_calls_hold_every_missing_bucket_once_and_none_is_too_long(numbers: list[int], limit: int) -> None:
    missing = sorted(number * MINUTE for number in numbers)
    calls = calls_for(missing, "1m", limit)
    assert all(call.end - call.start <= limit * MINUTE for call in calls)
    held = [start for call in calls for start in missing if call.start <= start < call.end]
    assert held == missing
    assert all(earlier.end <= later.start for earlier, later in itertools.pairwise(calls))
    # No call asks for more than it has to at either end.
    assert all(call.start in missing and call.end - MINUTE in missing for call in calls)
