"""Which trading day of a venue a moment belongs to, and when its session closes.

A trading day begins at midnight of its date where the venue is, or when its session opens where
that is the evening before, as for futures. It lasts until the next one begins: what happens after
hours, at the weekend or on a holiday belongs to the session before.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from producer.events import to_datetime, to_micros, utc_day

ALWAYS_OPEN = "24/7"


@dataclass(frozen=True)
class TradingDay:
    """A session's date, ``YYYY-MM-DD``, and its close in microseconds since the epoch.

    A venue that never closes has no ``session_end``; its days are UTC dates.
    """

    date: str
    session_end: int | None


def trading_day(calendar: str, micros: int) -> TradingDay:
    """Return the trading day of a moment, in microseconds since the epoch.

    ``calendar`` is a name of the package exchange_calendars, as ``XNYS``, or ``24/7``; half days and
    daylight saving are in them. Raises ValueError for a name or a year that it doesn't know.
    """
    if calendar == ALWAYS_OPEN:
        return TradingDay(utc_day(micros), None)
    begins, days = _sessions_around(calendar, to_datetime(micros).year)
    return days[bisect_right(begins, micros) - 1]


@dataclass(frozen=True)
class Session:
    """A trading session: its date, and when it opens and closes, in microseconds since the epoch."""

    date: date
    opens: int
    closes: int


def sessions(calendar: str, start: int, end: int) -> list[Session]:
    """Return the sessions of a venue whose date, at midnight UTC, lies in ``[start, end)`` microseconds.

    Raises ValueError for a name or a year that exchange_calendars doesn't know; ``24/7`` has no sessions.
    """
    around = calendar_around(calendar, to_datetime(start).year, to_datetime(end).year)
    return [
        Session(session.date(), int(opens) // 1_000, int(closes) // 1_000)
        for session, opens, closes in zip(
            around.sessions, around.opens_nanos, around.closes_nanos, strict=True
        )
        if start <= to_micros(datetime(session.year, session.month, session.day, tzinfo=UTC)) < end
    ]


@lru_cache(maxsize=64)
def _sessions_around(calendar: str, year: int) -> tuple[list[int], list[TradingDay]]:
    """Return when each trading day of a year begins, and the days; some of its neighbours too."""
    found = calendar_around(calendar, year, year)
    zone = ZoneInfo(str(found.tz))
    begins: list[int] = []
    days: list[TradingDay] = []
    for session, opens, closes in zip(found.sessions, found.opens_nanos, found.closes_nanos, strict=True):
        midnight = datetime(session.year, session.month, session.day, tzinfo=zone)
        begins.append(min(to_micros(midnight), int(opens) // 1_000))
        days.append(TradingDay(session.date().isoformat(), int(closes) // 1_000))
    return begins, days


def calendar_around(calendar: str, first_year: int, last_year: int) -> Any:
    """Return a venue's calendar, of exchange_calendars, for some years and a month before and after them.

    Raises ValueError for a name or a year that it doesn't know.
    """
    # It brings pandas: seconds and memory that a producer of 24/7 venues alone doesn't need.
    from exchange_calendars import get_calendar
    from exchange_calendars.errors import CalendarError

    try:
        # Bounds, because by default they end a year from now and begin 20 years ago.
        return get_calendar(calendar, start=f"{first_year - 1}-12-01", end=f"{last_year + 1}-01-31")
    except (CalendarError, ValueError) as error:
        raise ValueError(
            f"There are no sessions of the calendar {calendar!r} for {last_year}: use a name that"
            f" exchange_calendars knows, such as XNYS, or {ALWAYS_OPEN}. It says: {error}"
        ) from error
