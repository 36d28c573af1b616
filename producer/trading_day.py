"""Which trading day of a venue a moment belongs to, and when its session closes.

A trading day begins at midnight of its date where the venue is, or when its session opens where
that is the evening before, as for futures. It lasts until the next one begins: what happens after
hours, at the weekend or on a holiday belongs to the session before.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
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


@lru_cache(maxsize=64)
def _sessions_around(calendar: str, year: int) -> tuple[list[int], list[TradingDay]]:
    """Return when each trading day of a year begins, and the days; some of its neighbours too."""
    # It brings pandas: seconds and memory that a producer of 24/7 venues alone doesn't need.
    from exchange_calendars import get_calendar
    from exchange_calendars.errors import CalendarError

    try:
        # A year at a time, because by default they end a year from now and begin 20 years ago.
        found = get_calendar(calendar, start=f"{year - 1}-12-01", end=f"{year + 1}-01-31")
    except (CalendarError, ValueError) as error:
        raise ValueError(
            f"There are no sessions of the calendar {calendar!r} for {year}: use a name that"
            f" exchange_calendars knows, such as XNYS, or {ALWAYS_OPEN}. It says: {error}"
        ) from error
    zone = ZoneInfo(str(found.tz))
    begins: list[int] = []
    days: list[TradingDay] = []
    for session, opens, closes in zip(found.sessions, found.opens_nanos, found.closes_nanos, strict=True):
        midnight = datetime(session.year, session.month, session.day, tzinfo=zone)
        begins.append(min(to_micros(midnight), int(opens) // 1_000))
        days.append(TradingDay(session.date().isoformat(), int(closes) // 1_000))
    return begins, days
