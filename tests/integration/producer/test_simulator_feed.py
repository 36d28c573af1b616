"""The simulator goes on where the streams end: nothing twice, nothing missing."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from producer.events import MICROSECONDS_PER_SECOND, MarketEvent, clock_micros, to_micros
from producer.providers.simulator.feed import SimulatorFeed
from producer.providers.simulator.market import SimulatedSymbol
from producer.publisher import Publisher
from producer.resume import PublishedBefore
from tests.integration.producer.broker import Broker
from tests.integration.producer.conftest import StartPublisher
from tests.integration.producer.market import store_candle
from tests.integration.producer.waiting import until
from tests.stack import RunningStack

EVENTS_PER_SECOND = 20.0


@pytest.fixture
def symbols() -> tuple[str, ...]:
    run = uuid.uuid4().hex[:8].upper()
    return tuple(f"T{run}{letter}-USD.SIM" for letter in "ABCD")


@asynccontextmanager
async def running(feed: SimulatorFeed, publisher: Publisher, before: PublishedBefore) -> AsyncIterator[None]:
    task = asyncio.create_task(feed.run(publisher, before))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()


def expected(symbol: str, trades: list[MarketEvent]) -> list[tuple[int, str]]:
    """What the market says between the first and the last of these trades."""
    market = SimulatedSymbol(42, symbol, EVENTS_PER_SECOND / 4)
    first, last = trades[0].event_time, trades[-1].event_time
    fills = (
        fill
        for second in range(first // MICROSECONDS_PER_SECOND, last // MICROSECONDS_PER_SECOND + 1)
        for fill in market.trades(second)
    )
    return [(fill.event_time, str(fill.price)) for fill in fills if first <= fill.event_time <= last]


async def test_the_past_is_published_up_to_now_and_then_the_present(
    broker: Broker,
    start_publisher: StartPublisher,
    published_before: PublishedBefore,
    symbols: tuple[str, ...],
) -> None:
    feed = SimulatorFeed(symbols, 42, EVENTS_PER_SECOND, history_minutes=3)
    started = clock_micros()
    async with broker.following() as arrivals, running(feed, await start_publisher(), published_before):
        await until(
            lambda: all(
                events and events[-1].event_time > started for events in map(arrivals.of_symbol, symbols)
            ),
            "the present has begun",
        )
        for symbol in symbols:
            trades = arrivals.of_symbol(symbol)
            assert [(event.event_time, str(event.price)) for event in trades] == expected(symbol, trades)
            minutes_ago = (started - trades[0].event_time) / 60_000_000
            assert 2.5 < minutes_ago < 4.1
        assert {event.source for event in arrivals.events} == {"simulator"}
        assert all(event.event_time <= event.ingest_time for event in arrivals.events)


async def test_a_feed_that_is_killed_and_started_again_goes_on_behind_its_last_event(
    broker: Broker,
    start_publisher: StartPublisher,
    published_before: PublishedBefore,
    symbols: tuple[str, ...],
) -> None:
    feeds = [SimulatorFeed(symbols, 42, EVENTS_PER_SECOND, history_minutes=3) for _ in range(3)]
    async with broker.following() as arrivals:
        for feed in feeds:
            publisher = await start_publisher()
            so_far = len(arrivals.of_kind("trade"))
            async with running(feed, publisher, published_before):
                await until(
                    lambda so_far=so_far: len(arrivals.of_kind("trade")) > so_far + 40,  # type: ignore[misc]
                    "the feed goes on",
                )
            await publisher.close(90)
        counts = Counter(event.event_id for event in arrivals.of_kind("trade"))
        assert set(counts.values()) == {1}
        for symbol in symbols:
            trades = arrivals.of_symbol(symbol)
            assert [event.event_time for event in trades] == [time for time, _ in expected(symbol, trades)]
        assert arrivals.of_kind("break") == []


async def test_what_the_streams_hold_is_read_to_their_end(
    start_publisher: StartPublisher, published_before: PublishedBefore, symbols: tuple[str, ...]
) -> None:
    since = clock_micros() - 60_000_000
    assert await published_before.streamed("simulator", symbols, since) == {}
    feed = SimulatorFeed(symbols, 42, EVENTS_PER_SECOND, history_minutes=2)
    publisher = await start_publisher()
    async with running(feed, publisher, published_before):
        await until(lambda: feed.status.state == "streaming", "the past is published")
    await publisher.flush(90)
    newest = await published_before.streamed("simulator", symbols, since)
    assert set(newest) == set(symbols)
    assert max(newest.values()) == feed.status.last_event_time
    assert await published_before.streamed("another", symbols, since) == {}


async def test_an_absence_longer_than_the_history_is_a_hole_marked_by_a_break(
    stack: RunningStack,
    broker: Broker,
    start_publisher: StartPublisher,
    published_before: PublishedBefore,
    symbols: tuple[str, ...],
) -> None:
    last_minute = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=2)
    store_candle(stack, symbols[0], last_minute)
    feed = SimulatorFeed(symbols, 42, EVENTS_PER_SECOND, history_minutes=1)
    async with broker.following() as arrivals, running(feed, await start_publisher(), published_before):
        await until(lambda: arrivals.of_symbol(symbols[0])[1:], "the feed has begun")
        hole, first = arrivals.of_symbol(symbols[0])[:2]
        assert (hole.kind, hole.event_time) == ("break", to_micros(last_minute))
        assert first.kind == "trade"
    assert feed.status.gaps == 1
