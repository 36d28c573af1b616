"""Times by the clocks of New York, in winter, in summer, and on the nights between."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from producer.events import to_datetime, to_micros
from producer.wall_clock import NEW_YORK, date_at, micros_at


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ("2025-03-07 09:30", "2025-03-07 14:30"),
        ("2025-03-10 09:30", "2025-03-10 13:30"),
        ("2025-10-31 15:59", "2025-10-31 19:59"),
        ("2025-11-03 15:59", "2025-11-03 20:59"),
        ("2025-03-09 01:59", "2025-03-09 06:59"),
        ("2025-03-09 03:00", "2025-03-09 07:00"),  # a minute later
        ("2025-11-02 01:30", "2025-11-02 05:30"),  # the first of two
    ],
)
def test_a_time_on_the_wall_is_one_of_utc(local: str, utc: str) -> None:
    moment = to_datetime(micros_at(datetime.fromisoformat(local), NEW_YORK))
    assert f"{moment:%Y-%m-%d %H:%M}" == utc


def test_a_time_with_an_offset_is_none_of_the_wall() -> None:
    with pytest.raises(ValueError, match="an offset of its own"):
        micros_at(datetime(2025, 3, 7, tzinfo=UTC), NEW_YORK)


@pytest.mark.parametrize(("hour", "day"), [(3, 9), (4, 10)])
def test_the_date_changes_at_midnight_there(hour: int, day: int) -> None:
    moment = to_micros(datetime(2025, 3, 10, hour, 30, tzinfo=UTC))
    assert date_at(moment, NEW_YORK) == date(2025, 3, day)
