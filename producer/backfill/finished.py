"""Which bars are finished: a provider may answer the one that still grows with the others."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from producer.bars import Bar
from producer.trading_day import ALWAYS_OPEN, sessions


def finished_bars(bars: Sequence[Bar], calendar: str, now: int) -> list[Bar]:
    """Return the bars that have ended by ``now``, microseconds UTC.

    A day whose session has closed is over before it is so by the clock; it says when the session closed, or
    it would not be accepted.
    """
    return [bar for bar in (_with_its_end(bar, calendar, now) for bar in bars) if bar.end <= now]


def _with_its_end(bar: Bar, calendar: str, now: int) -> Bar:
    if bar.interval != "1d" or calendar == ALWAYS_OPEN or bar.end <= now:
        return bar
    closes = [session.closes for session in sessions(calendar, bar.bucket_start, bar.bucket_start + 1)]
    return replace(bar, session_end=closes[0]) if closes else bar
