"""Only bars that have ended count as such."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from producer.backfill.finished import finished_bars
from producer.bars import Bar, Interval, day_start
from producer.events import to_micros


def bar(start: int, interval: Interval) -> Bar:
    one = Decimal(1)
    return Bar(
        source="venue",
        symbol="ABC",
        interval=interval,
        bucket_start=start,
        open=one,
        high=one,
        low=one,
        close=one,
        volume=one,
        trading_day="2024-11-29",
    )


def at(hour: int, minute: int = 0, second: int = 0) -> int:
    return to_micros(datetime(2024, 11, 29, hour, minute, second, tzinfo=UTC))


@pytest.mark.parametrize(("now", "finished"), [(at(15, 1) - 1, 1), (at(15, 1), 2)])
def test_a_minute_is_finished_when_the_next_begins(now: int, finished: int) -> None:
    minutes = [bar(at(14, 59), "1m"), bar(at(15, 0), "1m")]
    assert finished_bars(minutes, "XNYS", now) == minutes[:finished]


def test_a_day_is_finished_at_the_close_of_its_session_which_it_then_names() -> None:
    half_day = bar(day_start(date(2024, 11, 29)), "1d")
    assert finished_bars([half_day], "XNYS", at(18) - 1) == []
    (told,) = finished_bars([half_day], "XNYS", at(18))
    assert told.session_end == at(18)


def test_a_day_that_is_over_by_the_clock_needs_no_session() -> None:
    past = bar(day_start(date(2024, 11, 27)), "1d")
    assert finished_bars([past], "XNYS", at(12)) == [past]


def test_a_day_of_a_venue_that_never_closes_ends_at_midnight() -> None:
    today = bar(day_start(date(2024, 11, 29)), "1d")
    assert finished_bars([today], "24/7", at(23, 59, 59)) == []
    assert finished_bars([today], "24/7", at(0) + 86_400_000_000) == [today]


def test_a_day_without_a_session_is_finished_at_midnight_too() -> None:
    thanksgiving = bar(day_start(date(2024, 11, 28)), "1d")
    assert finished_bars([thanksgiving], "XNYS", at(0) - 1) == []
    assert finished_bars([thanksgiving], "XNYS", at(0)) == [thanksgiving]
