"""When jobs are due: by the sessions of a venue, and made up for after an absence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from producer.schedule.triggers import AfterClose, was_missed

HALF_HOUR = timedelta(minutes=30)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2024-11-26 12:00", "2024-11-26 21:30"),  # winter: the close is at 21:00 UTC
        ("2024-07-10 12:00", "2024-07-10 20:30"),  # summer
        ("2024-11-28 12:00", "2024-11-29 18:30"),  # Thanksgiving, then a half day that closes at 13:00
        ("2024-11-29 18:31", "2024-12-02 21:30"),  # the weekend after it
        ("2024-12-31 21:30", "2024-12-31 21:30"),  # the very time
        ("2024-12-31 21:31", "2025-01-02 21:30"),  # the turn of the year
    ],
)
def test_a_job_after_the_close_is_due_when_the_session_has_ended(now: str, due: str) -> None:
    assert AfterClose("XNYS", HALF_HOUR).get_next_fire_time(None, utc(now)) == utc(due)


def test_where_a_venue_never_closes_the_day_ends_at_midnight_utc() -> None:
    trigger = AfterClose("24/7", HALF_HOUR)
    assert trigger.get_next_fire_time(None, utc("2024-11-30 00:29")) == utc("2024-11-30 00:30")
    assert trigger.get_next_fire_time(None, utc("2024-11-30 00:31")) == utc("2024-12-01 00:30")


def test_each_session_is_due_once() -> None:
    trigger = AfterClose("XNYS", HALF_HOUR)
    due = [utc("2024-11-26 21:30")]
    for _ in range(4):
        following = trigger.get_next_fire_time(due[-1], due[-1])
        assert following is not None
        due.append(following)
    assert [f"{moment:%m-%d %H:%M}" for moment in due] == [
        "11-26 21:30",
        "11-27 21:30",
        "11-29 18:30",
        "12-02 21:30",
        "12-03 21:30",
    ]


def test_a_delay_beyond_midnight_belongs_to_the_session_before() -> None:
    trigger = AfterClose("XNYS", timedelta(hours=5))
    assert trigger.get_next_fire_time(None, utc("2024-11-27 01:00")) == utc("2024-11-27 02:00")


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2024-11-26 12:00", "2024-11-27 00:30"),
        ("2024-11-27 00:31", "2024-11-28 00:30"),
        ("2024-11-28 00:31", "2024-11-30 00:30"),  # Thanksgiving, then a half day
        ("2024-11-30 00:31", "2024-12-03 00:30"),  # the weekend after it
    ],
)
def test_a_job_may_wait_for_the_utc_day_after_the_close(now: str, due: str) -> None:
    trigger = AfterClose("XNYS", HALF_HOUR, next_utc_day=True)
    assert trigger.get_next_fire_time(None, utc(now)) == utc(due)


@pytest.mark.parametrize(
    ("handled_until", "now", "missed"),
    [
        ("2024-11-26 21:30", "2024-11-27 21:29", False),
        ("2024-11-26 21:30", "2024-11-27 21:30", True),
        ("2024-11-27 21:31", "2024-11-29 18:29", False),  # a holiday
        ("2024-11-26 21:30", "2024-12-20 12:00", True),
    ],
)
def test_a_job_was_missed_when_it_was_due_since_it_was_dealt_with(
    handled_until: str, now: str, missed: bool
) -> None:
    assert was_missed(AfterClose("XNYS", HALF_HOUR), utc(handled_until), utc(now)) is missed


def test_jobs_of_the_week_and_of_the_quarter_of_an_hour_are_missed_too() -> None:
    saturdays = CronTrigger(day_of_week="sat", hour=6, timezone=UTC)
    assert not was_missed(saturdays, utc("2024-11-23 06:00"), utc("2024-11-30 05:59"))
    assert was_missed(saturdays, utc("2024-11-23 06:00"), utc("2024-11-30 06:00"))
    quarter = IntervalTrigger(minutes=15, timezone=UTC)
    assert not was_missed(quarter, utc("2024-11-23 06:00"), utc("2024-11-23 06:14"))
    assert was_missed(quarter, utc("2024-11-23 06:00"), utc("2024-11-23 06:15"))
