"""Where a series of one-minute candles has gaps.

A minute without a candle is no gap by itself: nothing may have traded. But the candle in which a feed breaks
and the one in which it resumes are partial, so what lies from a partial candle to the next is missing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from producer.events import MICROSECONDS_PER_MINUTE

Reason = Literal["sequence", "silence", "missing_candles"]


@dataclass(frozen=True)
class FoundGap:
    """A gap `[started_at, ended_at)` in microseconds UTC, without an end while it lasts.

    ``sequence``: some trades of it are missing. ``missing_candles``: whole minutes are. ``silence``: nothing
    was told while the venue was open; what is missing, if anything, is not known.
    """

    started_at: int
    ended_at: int | None
    missing_count: int | None
    reason: Reason


def find_gaps(expected: Sequence[int], whole: Collection[int], partial: Collection[int]) -> list[FoundGap]:
    """Find the gaps of a series.

    ``expected`` are the beginnings of the minutes in which the venue was open, oldest first up to now;
    ``whole`` and ``partial`` those of the candles that there are. Of what lies before the first whole candle
    it is not known whether it is missing: the feed may have begun there.
    """
    gaps = []
    run: list[int] = []
    first_whole = next((index for index, start in enumerate(expected) if start in whole), len(expected))
    for start in expected[first_whole:]:
        if start in whole:
            gaps += _gap(run, partial, lasts=False)
            run = []
        else:
            run.append(start)
    return gaps + _gap(run, partial, lasts=True)


def _gap(run: list[int], partial: Collection[int], *, lasts: bool) -> list[FoundGap]:
    """The gap in a run of minutes without a whole candle, or none; before a break nothing was traded."""
    broken = [index for index, start in enumerate(run) if start in partial]
    if not broken:
        return []
    first, last = broken[0], broken[-1]
    lasts = lasts and last < len(run) - 1
    missing = run[first:] if lasts else run[first : last + 1]
    has_holes = any(start not in partial for start in missing)
    return [
        FoundGap(
            started_at=missing[0],
            ended_at=None if lasts else missing[-1] + MICROSECONDS_PER_MINUTE,
            missing_count=len(missing),
            reason="missing_candles" if has_holes else "sequence",
        )
    ]
