"""What is missing of a series, by calendar, and the calls that fetch it.

Times are microseconds since the epoch, UTC.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from producer.bars import INTERVAL_MICROS, Interval, day_start
from producer.trading_day import ALWAYS_OPEN, sessions


@dataclass(frozen=True, order=True)
class Window:
    """A time `[start, end)`."""

    start: int
    end: int


def expected_buckets(calendar: str, interval: Interval, wanted: Window, finished_by: int) -> list[int]:
    """Return the beginnings in ``wanted`` of all buckets in which the venue was open, oldest first.

    Those that end after ``finished_by`` are left out: they are not finished. Raises ValueError for an unknown
    calendar.
    """
    length = INTERVAL_MICROS[interval]
    if calendar == ALWAYS_OPEN:
        first = wanted.start + -wanted.start % length
        return list(range(first, min(wanted.end, finished_by - length + 1), length))
    if interval == "1d":
        return [
            day_start(session.date)
            for session in sessions(calendar, wanted.start, wanted.end)
            if session.closes <= finished_by
        ]
    buckets: set[int] = set()
    # A session may lie on either side of midnight UTC of its date.
    day = INTERVAL_MICROS["1d"]
    for session in sessions(calendar, wanted.start - day, wanted.end + day):
        first = session.opens - session.opens % length
        buckets.update(range(first, session.closes, length))
    return sorted(
        start for start in buckets if wanted.start <= start < wanted.end and start + length <= finished_by
    )


def missing_buckets(
    expected: Sequence[int], present: Collection[int], answered: Iterable[Window]
) -> list[int]:
    """Return the expected buckets that are neither present nor in a time that the provider has answered."""
    windows = iter(sorted(answered))
    window = next(windows, None)
    missing = []
    for start in expected:
        while window is not None and window.end <= start:
            window = next(windows, None)
        if start not in present and not (window is not None and window.start <= start):
            missing.append(start)
    return missing


def calls_for(missing: Sequence[int], interval: Interval, buckets_per_call: int) -> list[Window]:
    """Return the fewest windows of at most so many buckets that hold all the missing ones, oldest first."""
    length = INTERVAL_MICROS[interval]
    calls: list[Window] = []
    first: int | None = None
    last = 0
    for start in missing:
        if first is not None and start + length - first > buckets_per_call * length:
            calls.append(Window(first, last + length))
            first = None
        if first is None:
            first = start
        last = start
    if first is not None:
        calls.append(Window(first, last + length))
    return calls
