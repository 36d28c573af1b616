"""When a provider is worth asking: while its venue is open, or in the hours after the close."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from producer.events import MICROSECONDS_PER_SECOND, to_datetime


@dataclass(frozen=True)
class Window:
    """``[opens, closes)`` in microseconds since the epoch, UTC, for the session of a date, ``YYYY-MM-DD``."""

    date: str
    opens: int
    closes: int

    @property
    def seconds(self) -> float:
        """How long it is open."""
        return (self.closes - self.opens) / MICROSECONDS_PER_SECOND


@dataclass(frozen=True)
class PollingHours:
    """The sessions of a calendar of exchange_calendars, half days and daylight saving included.

    With ``after_close`` it is that long after each session instead: for providers that tell a day only
    when it is over.
    """

    calendar: str
    after_close: timedelta | None = None

    def window(self, now: int) -> Window:
        """Return the window that is open at ``now`` (microseconds, UTC), or else the next one."""
        windows = _windows(self.calendar, self.after_close, to_datetime(now).year)
        return windows[bisect_right([window.closes for window in windows], now)]


@lru_cache(maxsize=16)
def _windows(calendar: str, after_close: timedelta | None, year: int) -> list[Window]:
    """Return the windows of a year and some of its neighbours; raises ValueError as the calendar does."""
    # It brings pandas: seconds and memory that a producer without polled feeds doesn't need.
    from exchange_calendars import get_calendar

    found = get_calendar(calendar, start=f"{year - 1}-12-01", end=f"{year + 1}-01-31")
    sessions = [
        Window(session.date().isoformat(), int(opens) // 1_000, int(closes) // 1_000)
        for session, opens, closes in zip(found.sessions, found.opens_nanos, found.closes_nanos, strict=True)
    ]
    if after_close is None:
        return sessions
    length = after_close // timedelta(microseconds=1)
    return [Window(session.date, session.closes, session.closes + length) for session in sessions]
