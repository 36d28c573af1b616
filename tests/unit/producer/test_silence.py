"""Whether a symbol is silent: only while its venue is open, from the minute in which it was told of last."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from producer.events import MICROSECONDS_PER_MINUTE, to_micros
from producer.gaps.ledger import Series
from producer.gaps.silence import Told, session_opened, silent_since

LONGEST = 15 * MICROSECONDS_PER_MINUTE


def micros(text: str) -> int:
    return to_micros(datetime.fromisoformat(f"2024-11-{text}").replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("last", "now", "silent"),
    [
        ("26 15:00:20", "26 15:15:19", None),
        ("26 15:00:20", "26 15:15:20", "26 15:00"),
        ("25 20:59:50", "26 14:44", None),  # the night is no silence
        ("25 20:59:50", "26 14:45", "26 14:30"),  # New York has opened at 14:30
        ("26 15:00:20", "26 21:00", None),  # and closes at 21:00
        ("27 20:59:50", "28 16:00", None),  # Thanksgiving
        ("29 17:55", "29 18:10", None),  # a half day closes at 18:00
    ],
)
def test_a_symbol_of_new_york_is_silent_in_an_open_session_alone(
    last: str, now: str, silent: str | None
) -> None:
    told = Told(Series("AAPL", "alpaca", "XNYS"), micros(last), is_heard=True)
    since = silent_since(told, session_opened("XNYS", micros(now)), micros(now), LONGEST)
    assert since == (None if silent is None else micros(silent))


def test_a_venue_that_never_closes_is_open_on_a_holiday() -> None:
    told = Told(Series("BTC-USD", "kraken", "24/7"), micros("28 03:00:30"), is_heard=True)
    opened = session_opened("24/7", micros("28 03:20"))
    assert silent_since(told, opened, micros("28 03:20"), LONGEST) == micros("28 03:00")
