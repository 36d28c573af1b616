"""Batching, order and bounds of what waits for its confirm."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from producer.buffer import Batch, Buffer
from producer.events import EVENTS_PER_MESSAGE, MarketEvent, decode_events, heartbeat, trade
from producer.sharding import shard_of

symbols = st.sampled_from([f"S{number}" for number in range(9)])


def made(symbol: str, number: int) -> MarketEvent:
    return trade(
        "venue",
        symbol,
        event_time=1_700_000_000_000_000 + number,
        ingest_time=0,
        sequence=number,
        price=Decimal(1),
        size=Decimal(1),
    )


def drained(buffer: Buffer) -> list[tuple[int, Batch]]:
    taken = []
    for shard, lane in enumerate(buffer.lanes):
        buffer.release_breaks(lane)
        while batch := lane.take():
            taken.append((shard, batch))
    return taken


@given(st.lists(symbols, max_size=2_000), st.integers(1, 5))
def test_every_event_leaves_in_the_order_of_its_symbol_through_its_shard(
    names: list[str], shards: int
) -> None:
    buffer = Buffer(shards, 10_000)
    buffer.add([made(name, number) for number, name in enumerate(names)])
    left: dict[str, list[int]] = {}
    for shard, batch in drained(buffer):
        assert batch.count <= EVENTS_PER_MESSAGE
        for event in decode_events(batch.body):
            assert event.symbol is not None
            assert event.sequence is not None
            assert shard_of(event.symbol, shards) == shard
            left.setdefault(event.symbol, []).append(event.sequence)
    given_numbers = {
        name: [number for number, other in enumerate(names) if other == name] for name in set(names)
    }
    assert left == given_numbers


@given(st.integers(0, 3_000))
def test_batches_are_full_but_for_the_last(count: int) -> None:
    buffer = Buffer(1, 10_000)
    buffer.add([made("S", number) for number in range(count)])
    counts = [batch.count for _, batch in drained(buffer)]
    assert all(size == EVENTS_PER_MESSAGE for size in counts[:-1])
    assert sum(counts) == count


def test_a_heartbeat_goes_to_every_shard() -> None:
    buffer = Buffer(4, 100)
    buffer.add([heartbeat("venue", 1, 1)])
    assert sorted(shard for shard, _ in drained(buffer)) == [0, 1, 2, 3]


def test_batches_have_ids_of_their_own() -> None:
    buffer = Buffer(1, 10_000)
    buffer.add([made("S", number) for number in range(2_000)])
    assert len({batch.message_id for _, batch in drained(buffer)}) == 4


def test_only_confirmed_batches_at_the_front_are_settled() -> None:
    buffer = Buffer(1, 10_000)
    buffer.add([made("S", number) for number in range(1_500)])
    lane = buffer.lanes[0]
    first, second, third = (batch for _, batch in drained(buffer))
    second.confirmed = True
    assert lane.settle() == []
    assert buffer.held == 1_500
    first.confirmed = True
    assert lane.settle() == [first, second]
    assert buffer.held == third.count == 500


@given(st.lists(st.integers(1, 900), min_size=1, max_size=12))
def test_a_full_buffer_drops_the_oldest_and_owes_one_break_a_symbol(sizes: list[int]) -> None:
    capacity = 1_000
    buffer = Buffer(1, capacity)
    number = 0
    for size in sizes:
        buffer.add_dropping_oldest([made(f"S{n % 3}", n) for n in range(number, number + size)])
        number += size
        assert buffer.held <= capacity + 3  # what is owed in breaks comes on top
    events = [event for _, batch in drained(buffer) for event in decode_events(batch.body)]
    breaks = [event for event in events if event.kind == "break"]
    kept = [event.sequence for event in events if event.kind == "trade"]
    assert buffer.dropped_events == number - len(kept)
    assert kept == list(range(number - len(kept), number))
    if buffer.dropped_events >= 3:
        assert sorted(event.symbol or "" for event in breaks) == ["S0", "S1", "S2"]
        assert events[: len(breaks)] == breaks
        assert min(event.event_time for event in breaks) == made("S0", 0).event_time
    if not buffer.dropped_events:
        assert breaks == []


def test_what_was_sent_is_never_dropped() -> None:
    buffer = Buffer(1, 500)
    buffer.add_dropping_oldest([made("S", number) for number in range(500)])
    sent = buffer.lanes[0].take()
    buffer.add_dropping_oldest([made("S", number) for number in range(500, 1_500)])
    assert list(buffer.lanes[0].in_flight) == [sent]
    assert buffer.dropped_events == 1_000


def test_dropped_heartbeats_are_no_loss() -> None:
    buffer = Buffer(1, 2)
    buffer.add_dropping_oldest([heartbeat("venue", time, time) for time in range(5)])
    assert buffer.dropped_events == 0
