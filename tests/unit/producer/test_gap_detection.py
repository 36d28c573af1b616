"""Partial candles bound a gap; a quiet minute is none."""

from __future__ import annotations

import pytest

from producer.events import MICROSECONDS_PER_MINUTE
from producer.gaps.detection import FoundGap, Reason, find_gaps

MINUTE = MICROSECONDS_PER_MINUTE


def gaps_in(series: str) -> list[FoundGap]:
    """Gaps of a series drawn a minute a sign: W whole, P partial, . without a candle, - closed."""
    signs = {number * MINUTE: sign for number, sign in enumerate(series)}
    return find_gaps(
        [start for start, sign in signs.items() if sign != "-"],
        {start for start, sign in signs.items() if sign == "W"},
        {start for start, sign in signs.items() if sign == "P"},
    )


def gap(first: int, end: int | None, missing: int, reason: Reason) -> FoundGap:
    return FoundGap(first * MINUTE, None if end is None else end * MINUTE, missing, reason)


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        ("WWWW", []),
        ("W..W", []),
        ("WPPW", [gap(1, 3, 2, "sequence")]),
        ("WPW", [gap(1, 2, 1, "sequence")]),
        ("WP..PW", [gap(1, 5, 4, "missing_candles")]),
        ("W.P..P.W", [gap(2, 6, 4, "missing_candles")]),
        ("WP.PWWP.PW", [gap(1, 4, 3, "missing_candles"), gap(6, 9, 3, "missing_candles")]),
        ("WP---.PW", [gap(1, 7, 3, "missing_candles")]),
        ("WP...", [gap(1, None, 4, "missing_candles")]),
        ("WP", [gap(1, 2, 1, "sequence")]),
        ("WP.P", [gap(1, 4, 3, "missing_candles")]),
        ("W....", []),
        ("..PWW", []),
        ("P.PW", []),
        ("", []),
    ],
    ids=lambda value: value or "nothing" if isinstance(value, str) else "",
)
def test_gaps(series: str, expected: list[FoundGap]) -> None:
    assert gaps_in(series) == expected
