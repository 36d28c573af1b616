"""The tape of a venue: which trades are new, where some are missing, and what its clock says."""

from __future__ import annotations

from decimal import Decimal

import pytest

from producer.events import MICROSECONDS_PER_SECOND, MarketEvent
from producer.providers.protocol import FeedStatus
from producer.providers.streaming.tape import Tape
from producer.providers.streaming.track import REMEMBERED_IDS, Print

START = 1_741_102_220_000_000


def at(second: float) -> int:
    return START + int(second * MICROSECONDS_PER_SECOND)


def told(number: int, second: float, identity: str | None = None, symbol: str = "ABC-USD") -> Print:
    return Print(symbol, at(second), Decimal("10.25"), Decimal(1), number, identity)


def story(events: list[MarketEvent]) -> list[tuple[str, int]]:
    return [(event.kind, event.event_time) for event in events]


@pytest.fixture
def status() -> FeedStatus:
    return FeedStatus()


@pytest.fixture
def tape(status: FeedStatus) -> Tape:
    return Tape("venue", status)


def test_numbers_that_begin_anew_are_a_gap_and_not_the_end_of_the_symbol(
    tape: Tape, status: FeedStatus
) -> None:
    tape.numbered(told(881_613, 1), 99)
    assert story(tape.numbered(told(1, 600), 99)) == [("break", at(1)), ("trade", at(600))]
    assert story(tape.numbered(told(2, 601), 99)) == [("trade", at(601))]
    assert status.gaps == 1


def test_a_late_repetition_of_an_old_trade_is_not_a_new_count(tape: Tape) -> None:
    tape.numbered(told(10, 100), 99)
    assert tape.numbered(told(9, 99), 99) == []


def test_a_trade_whose_id_was_published_is_not_published_again(tape: Tape) -> None:
    assert story(tape.unnumbered(told(5, 1, "x-5"), 99))[-1] == ("trade", at(1))
    assert story(tape.unnumbered(told(3, 1, "x-3"), 99)) == [("trade", at(1))]
    assert tape.unnumbered(told(5, 1, "x-5"), 99) == []


def test_ids_are_forgotten_before_they_fill_the_memory(tape: Tape) -> None:
    for number in range(REMEMBERED_IDS + 1):
        tape.unnumbered(told(number, number, f"x-{number}"), 99)
    assert tape.unnumbered(told(1, 1, "x-1"), 99) == []
    assert tape.unnumbered(told(0, 0, "x-0"), 99) != []


def test_a_clock_begins_what_is_followed_and_is_a_heartbeat_once_a_second(tape: Tape) -> None:
    tape.follow("ABC-USD")
    begin, beat = tape.clock(at(20), 99)
    assert (begin.kind, begin.symbol, begin.event_time) == ("break", "ABC-USD", at(-20) - 1)
    assert (beat.kind, beat.symbol, beat.event_time) == ("heartbeat", None, at(20))
    assert tape.clock(at(20.5), 99) == []
    assert story(tape.clock(at(21), 99)) == [("heartbeat", at(21))]


def test_a_clock_that_steps_back_is_no_heartbeat(tape: Tape) -> None:
    tape.clock(at(20), 99)
    assert tape.clock(at(10), 99) == []


def test_a_connection_is_lost_at_the_last_time_that_its_clock_told(tape: Tape) -> None:
    tape.numbered(told(1, 1), 99)
    tape.clock(at(30), 99)
    assert story(tape.disconnected(99)) == [("break", at(30))]


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_a_trade_at_no_number_is_none(value: str) -> None:
    with pytest.raises(ValueError, match="is none"):
        Print("ABC-USD", at(0), Decimal(value), Decimal(1), 1)
