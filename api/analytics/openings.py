"""When a venue is open, as the candles that could be expected of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from api.errors import InvalidRequestError
from api.intervals import Interval
from producer.events import to_datetime
from producer.trading_day import ALWAYS_OPEN, calendar_around


@dataclass(frozen=True)
class Opening:
    """A session, or the part of it before or after a break; ``day`` is midnight UTC of the session's date."""

    day: datetime
    opens: datetime
    closes: datetime


def expected(
    calendar: str, interval: Interval, start: datetime, end: datetime, *, newest_first: bool = False
) -> Iterator[datetime]:
    """Yield the beginnings, in `[start, end)`, of the candles in whose time the venue is open.

    Raises :class:`InvalidRequestError` for a calendar that exchange_calendars does not know.
    """
    found = (
        _around_the_clock(interval, start, end, newest_first)
        if calendar == ALWAYS_OPEN
        else _in_sessions(calendar, interval, start, end, newest_first)
    )
    before: datetime | None = None
    for beginning in found:
        # Sessions share a candle where it is longer than the time between them.
        if beginning != before and start <= beginning < end:
            yield beginning
        before = beginning


def _around_the_clock(
    interval: Interval, start: datetime, end: datetime, newest_first: bool
) -> Iterator[datetime]:
    first, step = interval.ceil(start), interval.length
    count = max(0, -((first - end) // step))
    for index in reversed(range(count)) if newest_first else range(count):
        yield first + index * step


def _in_sessions(
    calendar: str, interval: Interval, start: datetime, end: datetime, newest_first: bool
) -> Iterator[datetime]:
    # A session may begin on the evening before its date.
    years = range(start.year, (end + 2 * interval.length).year + 1)
    for year in reversed(years) if newest_first else years:
        openings = _openings(calendar, year)
        for opening in reversed(openings) if newest_first else openings:
            if opening.closes < start - interval.length or opening.opens > end + interval.length:
                continue
            beginnings = _beginnings(interval, opening)
            yield from reversed(beginnings) if newest_first else beginnings


def _beginnings(interval: Interval, opening: Opening) -> list[datetime]:
    if interval.is_of_days:
        return [interval.floor(opening.day)]
    first = interval.floor(opening.opens)
    count = -((first - opening.closes) // interval.length)
    return [first + index * interval.length for index in range(count)]


@lru_cache(maxsize=256)
def _openings(calendar: str, year: int) -> tuple[Opening, ...]:
    """Return when a venue is open in the sessions of a year."""
    try:
        found = calendar_around(calendar, year, year)
    except ValueError as error:
        raise InvalidRequestError(f"fill: {error}") from None
    openings = []
    for index, session in enumerate(found.sessions):
        if session.year != year:
            continue
        day = datetime(session.year, session.month, session.day, tzinfo=UTC)
        opens, closes = (_moment(times[index]) for times in (found.opens_nanos, found.closes_nanos))
        if found.session_has_break(session):
            break_start, break_end = found.session_break_start(session), found.session_break_end(session)
            openings.append(Opening(day, opens, _moment(break_start.value)))
            openings.append(Opening(day, _moment(break_end.value), closes))
        else:
            openings.append(Opening(day, opens, closes))
    return tuple(openings)


def _moment(nanoseconds: int) -> datetime:
    return to_datetime(int(nanoseconds) // 1_000)
