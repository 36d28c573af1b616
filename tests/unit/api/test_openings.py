"""Which candles can be expected of a venue."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from api.analytics.openings import expected
from api.intervals import parsed


def beginnings(calendar: str, interval: str, start: datetime, end: datetime) -> list[str]:
    found = list(expected(calendar, parsed(interval), start, end))
    backwards = list(expected(calendar, parsed(interval), start, end, newest_first=True))
    assert backwards == found[::-1]
    return [f"{moment:%d %H:%M}" for moment in found]


def at(day: int, hour: int = 0, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2024, month, day, hour, minute, tzinfo=UTC)


def test_around_the_clock_every_candle_is_expected() -> None:
    assert beginnings("24/7", "15m", at(1, 0, 1), at(1, 1)) == ["01 00:15", "01 00:30", "01 00:45"]


def test_an_hour_in_which_the_venue_opens_is_expected() -> None:
    # New York is open from 14:30 to 18:00 UTC on the day after Thanksgiving.
    assert beginnings("XNYS", "1h", at(28), at(30)) == ["29 14:00", "29 15:00", "29 16:00", "29 17:00"]


def test_a_candle_that_two_sessions_share_is_expected_once() -> None:
    # A session of this futures market closes at 23:00 UTC, when the next one opens.
    assert beginnings("CMES", "4h", at(5, 16), at(6, 4)) == ["05 16:00", "05 20:00", "06 00:00"]


@pytest.mark.parametrize(
    ("interval", "days"),
    [
        ("1d", ["26 00:00", "27 00:00", "29 00:00"]),  # the 28th is Thanksgiving
        ("2d", ["27 00:00", "29 00:00"]),
        ("1w", ["25 00:00"]),
    ],
)
def test_days_are_those_of_sessions(interval: str, days: list[str]) -> None:
    start = at(25) if interval == "1w" else at(26)
    assert beginnings("XNYS", interval, start, at(30)) == days


def test_years_follow_each_other() -> None:
    found = beginnings("XNYS", "1d", at(30, month=12), datetime(2025, 1, 4, tzinfo=UTC))
    assert found == ["30 00:00", "31 00:00", "02 00:00", "03 00:00"]
