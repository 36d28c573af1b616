"""Which event is the newest of a symbol."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.live.ticks import NewestTicks, StreamEvent, breaks, decode
from producer.watermark import ALLOWED_LATENESS_MICROS


def event(time: int, sequence: int = 0, symbol: str | None = "A", kind: str = "trade") -> StreamEvent:
    return StreamEvent("venue", kind, time, time, symbol, sequence, Decimal(1), Decimal(1))


@given(st.lists(st.tuples(st.sampled_from("AB"), st.integers(0, 1_000), st.integers(0, 3)), min_size=1))
def test_the_newest_is_the_last_by_the_venues_clock_then_by_sequence(
    events: list[tuple[str, int, int]],
) -> None:
    ticks = NewestTicks()
    for symbol, time, sequence in events:
        ticks.add([event(time, sequence, symbol)])
    for symbol in {symbol for symbol, _, _ in events}:
        newest = ticks.of(symbol)
        assert newest is not None
        assert newest.order == max((time, number) for other, time, number in events if other == symbol)


def test_of_a_message_only_the_newest_event_of_each_symbol_is_told() -> None:
    changed = NewestTicks().add([event(1), event(3), event(2), event(1, symbol="B")])
    assert changed == {"A": event(3), "B": event(1, symbol="B")}


def test_a_late_event_is_not_told() -> None:
    ticks = NewestTicks()
    ticks.add([event(ALLOWED_LATENESS_MICROS)])
    assert ticks.add([event(0)]) == {}


def test_a_recording_that_is_replayed_once_more_begins_anew() -> None:
    ticks = NewestTicks()
    ticks.add([event(ALLOWED_LATENESS_MICROS + 1)])
    assert ticks.add([event(0)]) == {"A": event(0)}


@pytest.mark.parametrize("kind", ["heartbeat", "break", "rumour"])
def test_what_is_neither_trade_nor_quote_is_no_tick(kind: str) -> None:
    assert NewestTicks().add([event(1, kind=kind)]) == {}


def test_the_newest_break_of_each_symbol_is_told() -> None:
    found = breaks([event(2, kind="break"), event(1, kind="break"), event(9), event(1, symbol="B")])
    assert found == {"A": event(2, kind="break")}


def test_events_beside_one_that_cannot_be_read_are_read() -> None:
    good = b'{"source":"v","kind":"trade","event_time":1,"ingest_time":1,"symbol":"A","price":1.5,"size":1}'
    decoded = decode(b"[" + good + b',{"kind":"trade"},' + good + b"]")
    assert [found.price for found in decoded.events] == [Decimal("1.5")] * 2
    assert decoded.unreadable == 1


@pytest.mark.parametrize("body", [b"", b"{}", b"[1,", b"\xff"])
def test_a_message_that_is_no_array_counts_as_one_that_cannot_be_read(body: bytes) -> None:
    decoded = decode(body)
    assert (decoded.events, decoded.unreadable) == ([], 1)
