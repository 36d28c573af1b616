"""The day's calls are spread evenly over the hours of the venue, and it is said what that comes to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from producer.events import to_datetime, to_micros
from producer.polling.hours import PollingHours, Window
from producer.polling.pace import Pace, describe_pace, describe_seconds, even_pace, over_commitment
from producer.quota.budget import Budget, Limit

SESSION_SECONDS = 6.5 * 3600
FREE = Budget((Limit(250, "day"),), most_symbols=87)
PAID = Budget((Limit(300, "minute"),))
WINDOW = Window("2024-11-25", 0, 1)


def window_at(moment: str, hours: PollingHours) -> tuple[str, str, str]:
    window = hours.window(to_micros(datetime.fromisoformat(moment)))
    opens, closes = (f"{to_datetime(time):%m-%d %H:%M}" for time in (window.opens, window.closes))
    return window.date, opens, closes


@pytest.mark.parametrize(
    ("moment", "window"),
    [
        ("2024-11-25 12:00Z", ("2024-11-25", "11-25 14:30", "11-25 21:00")),
        ("2024-11-25 14:30Z", ("2024-11-25", "11-25 14:30", "11-25 21:00")),
        ("2024-11-25 20:59:59Z", ("2024-11-25", "11-25 14:30", "11-25 21:00")),
        ("2024-11-25 21:00Z", ("2024-11-26", "11-26 14:30", "11-26 21:00")),
        ("2024-11-27 21:00Z", ("2024-11-29", "11-29 14:30", "11-29 18:00")),
        ("2024-11-29 18:00Z", ("2024-12-02", "12-02 14:30", "12-02 21:00")),
        ("2024-07-08 12:00Z", ("2024-07-08", "07-08 13:30", "07-08 20:00")),
        ("2024-12-31 21:00Z", ("2025-01-02", "01-02 14:30", "01-02 21:00")),
    ],
    ids=["before", "open", "last second", "closed", "Thanksgiving", "half day", "summer", "New Year"],
)
def test_the_window_is_the_session_that_is_open_or_comes_next(
    moment: str, window: tuple[str, str, str]
) -> None:
    assert window_at(moment, PollingHours("XNYS")) == window


def test_hours_after_the_close_begin_with_it() -> None:
    evening = PollingHours("XNYS", timedelta(hours=3))
    assert window_at("2024-11-25 12:00Z", evening) == ("2024-11-25", "11-25 21:00", "11-26 00:00")
    assert window_at("2024-11-28 12:00Z", evening) == ("2024-11-29", "11-29 18:00", "11-29 21:00")


@pytest.mark.parametrize(
    ("symbols", "sentence"),
    [
        (["AAPL"], "250 calls a day: AAPL every 94 s"),
        (["AAPL", "MSFT"], "250 calls a day: AAPL, MSFT every 187 s"),
        ([f"S{n}" for n in range(87)], "250 calls a day: S0, S1, S2 and 84 more every 2 h 16 min"),
    ],
)
def test_it_is_said_how_often_each_symbol_is_really_asked_for(symbols: list[str], sentence: str) -> None:
    pace = even_pace(FREE, len(symbols), 1, SESSION_SECONDS, 250)
    assert describe_pace(pace, FREE, symbols) == sentence


def test_what_is_left_of_the_day_is_spread_over_what_is_left_of_the_session() -> None:
    assert even_pace(FREE, 1, 1, 3600, 36) == Pace(100, 1)


def test_no_symbol_is_asked_for_more_often_than_makes_sense() -> None:
    assert even_pace(FREE, 1, 1, 60, 250).symbol_seconds == 5
    assert even_pace(PAID, 87, 100, SESSION_SECONDS, None).symbol_seconds == 5


def test_the_shorter_limits_hold_while_there_are_calls_enough() -> None:
    assert even_pace(PAID, 100, 1, SESSION_SECONDS, None).spacing_seconds == pytest.approx(60 / 300)


def test_a_configuration_that_fits_is_not_explained() -> None:
    assert over_commitment(FREE, ["AAPL"] * 87, 1, WINDOW, "FMP_SYMBOLS") is None
    assert over_commitment(PAID, ["AAPL"] * 5000, 1, WINDOW, "FMP_SYMBOLS") is None


def test_more_symbols_than_the_plan_answers_are_explained() -> None:
    fault = over_commitment(FREE, ["AAPL"] * 90, 1, WINDOW, "FMP_SYMBOLS")
    assert fault is not None
    assert fault.startswith("FMP_SYMBOLS names 90 symbols, which is too many: the plan answers 87")
    assert "at least 3 will be refused" in fault


def test_more_symbols_than_calls_are_explained_with_what_each_gets() -> None:
    fault = over_commitment(Budget((Limit(25, "day"),)), ["IBM"] * 60, 1, WINDOW, "X_SYMBOLS")
    assert fault is not None
    assert "25 calls a day cannot ask for each once" in fault
    assert "every symbol has its turn on one session of 3" in fault


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "0.2 s"), (5, "5 s"), (93.6, "94 s"), (720, "12 min"), (8143, "2 h 16 min"), (3599, "1 h 0 min")],
)
def test_durations_read_as_people_write_them(seconds: float, text: str) -> None:
    assert describe_seconds(seconds) == text


def test_a_day_of_a_quota_is_a_utc_date() -> None:
    now = to_micros(datetime(2024, 11, 25, 15, 30, tzinfo=UTC))
    assert to_datetime(Limit(1, "day").begin(now)) == datetime(2024, 11, 25, tzinfo=UTC)
    assert Limit(1, "second").begin(now) == now
