"""When jobs are due: some time after the close of a venue's sessions, or by the calendar of days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from apscheduler.triggers.base import BaseTrigger

from producer.events import MICROSECONDS_PER_DAY, to_datetime, to_micros
from producer.trading_day import ALWAYS_OPEN, sessions

# Longer than any venue was ever closed; exchange_calendars has no session in such a time after its last year.
LONGEST_CLOSURE_DAYS = 30


class AfterClose(BaseTrigger):  # type: ignore[misc]  # the library has no types
    """Due once a session, a fixed time after it has closed: half days and daylight saving included.

    A venue that never closes has its close at midnight UTC. With ``next_utc_day`` the time begins at the
    midnight UTC after the close.
    """

    def __init__(self, calendar: str, delay: timedelta, *, next_utc_day: bool = False) -> None:
        self._calendar = calendar
        self._delay = delay
        self._next_utc_day = next_utc_day

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """Return the first time after the previous one, without it from now on; None where unknown."""
        after = now - timedelta(microseconds=1) if previous_fire_time is None else previous_fire_time
        begin = self._first_begin_after(to_micros(after.astimezone(UTC) - self._delay))
        return None if begin is None else to_datetime(begin) + self._delay

    def _first_begin_after(self, moment: int) -> int | None:
        day = moment - moment % MICROSECONDS_PER_DAY
        if self._calendar == ALWAYS_OPEN:
            return day + MICROSECONDS_PER_DAY
        # A session may close on the date after its own.
        first = day - 2 * MICROSECONDS_PER_DAY
        last = day + LONGEST_CLOSURE_DAYS * MICROSECONDS_PER_DAY
        begins = (self._begin(session.closes) for session in sessions(self._calendar, first, last))
        return next((begin for begin in begins if begin > moment), None)

    def _begin(self, close: int) -> int:
        return close + -close % MICROSECONDS_PER_DAY if self._next_utc_day else close


def was_missed(trigger: BaseTrigger, handled_until: datetime, now: datetime) -> bool:
    """Say whether a job was due after the time up to which its runs are dealt with, and not after now."""
    due = trigger.get_next_fire_time(handled_until, handled_until)
    return due is not None and due <= now
