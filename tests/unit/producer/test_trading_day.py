"""Trading days are those of the exchanges' calendars."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.events import MarketEvent, decode_events, encode_events, to_datetime, to_micros
from producer.trading_day import TradingDay, trading_day


def day_of(calendar: str, moment: str) -> tuple[str, str | None]:
    found = trading_day(calendar, to_micros(datetime.fromisoformat(moment)))
    end = found.session_end
    return found.date, None if end is None else to_datetime(end).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("moment", "date", "close"),
    [
        ("2024-01-08 14:30Z", "2024-01-08", "2024-01-08 21:00"),
        ("2024-07-08 13:30Z", "2024-07-08", "2024-07-08 20:00"),
        ("2024-07-03 16:00Z", "2024-07-03", "2024-07-03 17:00"),
        ("2024-11-29 16:00Z", "2024-11-29", "2024-11-29 18:00"),
        ("2024-12-24 16:00Z", "2024-12-24", "2024-12-24 18:00"),
    ],
    ids=["winter", "summer", "Independence Day's eve", "after Thanksgiving", "Christmas Eve"],
)
def test_new_yorks_sessions_close_when_they_do(moment: str, date: str, close: str) -> None:
    assert day_of("XNYS", moment) == (date, close)


@pytest.mark.parametrize(
    ("friday", "monday", "before", "after"),
    [
        ("2024-03-08", "2024-03-11", "21:00", "20:00"),
        ("2024-11-01", "2024-11-04", "20:00", "21:00"),
    ],
    ids=["clocks go forward", "clocks go back"],
)
def test_the_close_moves_in_utc_when_new_yorks_clocks_change(
    friday: str, monday: str, before: str, after: str
) -> None:
    assert day_of("XNYS", f"{friday} 16:00Z") == (friday, f"{friday} {before}")
    assert day_of("XNYS", f"{monday} 16:00Z") == (monday, f"{monday} {after}")


@pytest.mark.parametrize(
    ("moment", "date"),
    [
        ("2024-01-08 09:00Z", "2024-01-08"),
        ("2024-01-09 00:30Z", "2024-01-08"),
        ("2024-01-09 04:59:59Z", "2024-01-08"),
        ("2024-01-09 05:00Z", "2024-01-09"),
        ("2024-01-14 12:00Z", "2024-01-12"),
        ("2024-01-15 18:00Z", "2024-01-12"),
        ("2024-01-01 12:00Z", "2023-12-29"),
    ],
    ids=["before the open", "after hours", "before midnight", "midnight", "Sunday", "holiday", "New Year"],
)
def test_between_sessions_it_is_the_day_before_until_midnight_of_the_next_sessions_date(
    moment: str, date: str
) -> None:
    assert day_of("XNYS", moment)[0] == date


def test_a_session_that_opens_the_evening_before_begins_then() -> None:
    assert day_of("CME", "2024-01-07 22:59Z")[0] == "2024-01-05"
    assert day_of("CME", "2024-01-07 23:00Z") == ("2024-01-08", "2024-01-08 23:00")


def test_where_the_venue_never_closes_it_is_the_utc_date() -> None:
    assert day_of("24/7", "2024-01-13 23:59:59Z") == ("2024-01-13", None)
    assert day_of("24/7", "2024-01-14 00:00Z") == ("2024-01-14", None)


@given(
    st.sampled_from(["XNYS", "XTKS", "CME"]),
    st.datetimes(datetime(2019, 12, 1), datetime(2022, 2, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_days_never_go_back_and_a_session_ends_within_what_the_job_accepts(
    calendar: str, moment: datetime
) -> None:
    found = trading_day(calendar, to_micros(moment))
    later = trading_day(calendar, to_micros(moment + timedelta(hours=7)))
    assert found.date <= later.date
    assert found.session_end is not None
    assert to_datetime(found.session_end) <= moment + timedelta(days=2)
    assert abs(datetime.fromisoformat(found.date).date() - moment.date()) <= timedelta(days=14)


def test_a_calendar_that_does_not_exist_is_named() -> None:
    with pytest.raises(ValueError, match="no sessions of the calendar 'NASDACK' for 2024"):
        trading_day("NASDACK", to_micros(datetime(2024, 1, 8, tzinfo=UTC)))


def test_an_event_carries_the_session_end_only_where_there_is_one() -> None:
    def event(day: TradingDay) -> MarketEvent:
        return MarketEvent(
            event_id="1",
            source="test",
            kind="break",
            event_time=1,
            ingest_time=1,
            trading_day=day.date,
            session_end=day.session_end,
        )

    events = [event(TradingDay("2024-01-08", 1_704_747_600_000_000)), event(TradingDay("2024-01-08", None))]
    body = encode_events(events)
    assert [row.get("session_end") for row in json.loads(body)] == [1_704_747_600_000_000, None]
    assert "session_end" not in json.loads(body)[1]
    assert decode_events(body) == events
