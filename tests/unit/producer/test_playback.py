"""A playback publishes what was recorded, in time, with its ends marked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.events import MICROSECONDS_PER_SECOND, MarketEvent, clock_micros, trade
from producer.providers.replay.playback import Playback
from producer.providers.replay.timing import Timing

START = 1_700_000_000_000_000


class Collector:
    """A sink that remembers what was published, and when."""

    def __init__(self) -> None:
        self.events: list[MarketEvent] = []
        self.times: list[int] = []

    async def publish(self, events: Sequence[MarketEvent]) -> None:
        self.events += events
        self.times += [clock_micros()] * len(events)

    def offer(self, events: Sequence[MarketEvent]) -> None:
        raise AssertionError("a replay can wait")


def made(symbol: str, second: float, number: int = 0) -> MarketEvent:
    return trade(
        "replay:venue",
        symbol,
        event_time=START + int(second * MICROSECONDS_PER_SECOND),
        ingest_time=START,
        sequence=number,
        price=Decimal(1),
        size=Decimal(1),
    )


async def played(events: list[MarketEvent], timing: Timing | None = None) -> Collector:
    sink = Collector()
    playback = Playback(timing or Timing(clock_micros(), START, math.inf), sink, lambda _: None)
    await playback.run(iter([events]))
    assert playback.played.read.total() == len(events)
    assert playback.played.published.total() == len(sink.events)
    return sink


async def test_each_symbol_breaks_before_its_first_minute_and_at_its_last_event() -> None:
    sink = await played([made("A", 0, 1), made("B", 3, 1), made("A", 70, 2)])
    breaks = [(event.symbol, event.event_time) for event in sink.events if event.kind == "break"]
    minute = START - START % 60_000_000
    assert breaks == [
        ("A", minute - 1),
        ("B", minute - 1),
        ("A", START + 70_000_000),
        ("B", START + 3_000_000),
    ]


async def test_the_last_event_is_a_heartbeat_at_the_time_of_the_newest_event() -> None:
    sink = await played([made("A", 0), made("B", 50), made("A", 49)])
    assert (sink.events[-1].kind, sink.events[-1].event_time) == ("heartbeat", START + 50_000_000)


async def test_heartbeats_move_the_watermark_through_a_fast_replay() -> None:
    sink = await played([made("A", second / 10, second) for second in range(600)])
    beats = [event.event_time for event in sink.events if event.kind == "heartbeat"]
    assert beats[:-1] == [START + second * 1_000_000 for second in range(60)]


async def test_a_heartbeat_never_overtakes_the_events_before_it() -> None:
    sink = await played([made("A", second, number) for number, second in enumerate((0, 5, 3, 9))])
    newest = 0
    for event in sink.events:
        if event.kind == "heartbeat":
            assert event.event_time <= newest
        elif event.kind == "trade":
            newest = max(newest, event.event_time)


async def test_events_are_never_published_before_they_are_due() -> None:
    speed = 20.0
    started = clock_micros()
    sink = await played([made("A", 0, 1), made("A", 4, 2), made("A", 8, 3)], Timing(started, START, speed))
    for event, time in zip(sink.events, sink.times, strict=True):
        assert time >= started + (event.event_time - START) / speed


async def test_time_passes_between_events_that_are_far_apart() -> None:
    sink = await played([made("A", 0, 1), made("A", 6, 2)], Timing(clock_micros(), START, 10.0))
    between = [
        event
        for event in sink.events
        if event.kind == "heartbeat" and START < event.event_time < START + 6_000_000
    ]
    assert between


async def test_shifted_events_say_so_in_symbol_and_id() -> None:
    now = START + 10**12
    sink = await played([made("A", 0, 7)], Timing(clock_micros(), START, math.inf, now - START))
    shifted = next(event for event in sink.events if event.kind == "trade")
    assert (shifted.symbol, shifted.event_id) == ("A.REPLAY", "replay:venue:A.REPLAY:7")
    assert shifted.event_time == now
    assert shifted.trading_day == "2023-11-26"


@given(st.integers(0, 10**10), st.sampled_from([0.5, 1.0, 3.0, 60.0, math.inf]))
def test_no_shifted_event_lies_in_the_future_when_it_is_due(length: int, speed: float) -> None:
    now = START + 10**12
    timing = Timing.begin(now, START, START + length, speed=speed, shift_to_now=True)
    assert timing.shift is not None
    for recorded in (START, START + length // 2, START + length):
        assert recorded + timing.shift <= timing.due(recorded) + 1


def test_at_recorded_speed_a_shifted_replay_begins_now() -> None:
    timing = Timing.begin(START + 5, START, START + 10**9, speed=1, shift_to_now=True)
    assert timing.shift == 5


def test_without_a_shift_times_stay_as_recorded() -> None:
    timing = Timing.begin(START + 5, START, START, speed=math.inf, shift_to_now=False)
    event = made("A", 0)
    assert timing.shifted(event) is event


@pytest.mark.parametrize("length", [0, 1])
def test_a_recording_of_one_moment_can_be_shifted(length: int) -> None:
    assert Timing.begin(START, START, START + length, speed=math.inf, shift_to_now=True).shift == -length
