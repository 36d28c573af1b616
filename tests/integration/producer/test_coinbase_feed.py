"""The Coinbase feed, against a venue on the loopback that speaks its protocol."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest

from producer.errors import ProviderError
from producer.events import MarketEvent, to_micros
from producer.providers.coinbase.feed import CoinbaseFeed
from producer.resume import PublishedBefore
from tests.integration.producer.broker import Arrivals, Broker
from tests.integration.producer.conftest import StartPublisher
from tests.integration.producer.market import store_candle
from tests.integration.producer.venue import START, Venue, heartbeat, match
from tests.integration.producer.waiting import until
from tests.stack import RunningStack

StartFeed = Callable[[Venue], Awaitable[CoinbaseFeed]]


@pytest.fixture
async def arrivals(broker: Broker) -> AsyncIterator[Arrivals]:
    async with broker.following() as arrivals:
        yield arrivals


@pytest.fixture
async def start_feed(
    start_publisher: StartPublisher, published_before: PublishedBefore, symbol: str
) -> AsyncIterator[StartFeed]:
    tasks: list[asyncio.Task[None]] = []

    async def start(venue: Venue) -> CoinbaseFeed:
        feed = CoinbaseFeed(venue.url, (symbol,))
        publisher = await start_publisher()
        tasks.append(asyncio.create_task(feed.run(publisher, published_before)))
        return feed

    yield start
    for task in tasks:
        task.cancel()
        await asyncio.wait([task])


def story(events: list[MarketEvent]) -> list[tuple[str, int | None]]:
    return [(event.kind, event.sequence) for event in events if event.kind != "heartbeat"]


async def test_the_feed_subscribes_and_publishes_what_the_venue_says(
    arrivals: Arrivals, start_feed: StartFeed, symbol: str
) -> None:
    script = [match(symbol, -60, 6, "last_match"), match(symbol, 1, 7), heartbeat(symbol, 2, 7)]
    async with Venue([script]) as venue:
        feed = await start_feed(venue)
        await until(lambda: arrivals.of_kind("heartbeat"), "the heartbeat has arrived")
        assert venue.subscriptions == [
            {
                "type": "subscribe",
                "product_ids": [symbol],
                "channels": ["matches", "ticker", "heartbeat"],
            }
        ]
        await until(lambda: len(arrivals.of_symbol(symbol)) == 2, "the trade has arrived")
        assert story(arrivals.of_symbol(symbol)) == [("break", None), ("trade", 7)]
        assert (feed.status.state, feed.status.gaps) == ("streaming", 0)


async def test_a_gap_in_the_trade_ids_is_counted_and_published_as_a_break(
    arrivals: Arrivals, start_feed: StartFeed, symbol: str
) -> None:
    async with Venue([[match(symbol, 1, 7), match(symbol, 2, 8), match(symbol, 70, 12)]]) as venue:
        feed = await start_feed(venue)
        await until(lambda: len(arrivals.of_symbol(symbol)) == 5, "all events have arrived")
        begin, first, second, gap, last = arrivals.of_symbol(symbol)
        assert [begin.kind, gap.kind] == ["break", "break"]
        assert [first.sequence, second.sequence, last.sequence] == [7, 8, 12]
        assert gap.event_time == second.event_time
        assert feed.status.gaps == 1


async def test_a_dropped_connection_is_a_break_and_is_opened_again(
    arrivals: Arrivals, start_feed: StartFeed, symbol: str
) -> None:
    before = [match(symbol, 1, 7)]
    after = [match(symbol, 5, 9, "last_match"), match(symbol, 6, 10)]
    async with Venue([before, after], drop_after={0}) as venue:
        feed = await start_feed(venue)
        await until(lambda: len(arrivals.of_kind("trade")) == 3, "trades go on")
        assert story(arrivals.of_symbol(symbol)) == [
            ("break", None),
            ("trade", 7),
            ("break", None),  # the connection was lost
            ("break", None),  # trade 8 was missed meanwhile
            ("trade", 9),
            ("trade", 10),
        ]
        assert feed.status.reconnects == 1
        assert len(venue.subscriptions) == 2


async def test_an_error_frame_is_told_in_the_words_of_the_venue_and_tried_again(
    arrivals: Arrivals, start_feed: StartFeed, symbol: str
) -> None:
    reason = f"{symbol} is not a valid product"
    refusal = {"type": "error", "message": "Failed to subscribe", "reason": reason}
    async with Venue([[refusal], [match(symbol, 1, 7)]]) as venue:
        feed = await start_feed(venue)
        await until(lambda: feed.status.last_error, "the error is told")
        assert feed.status.last_error == (
            f"Coinbase refused the subscription: Failed to subscribe: {reason}. Check COINBASE_PRODUCTS."
        )
        await until(lambda: arrivals.of_kind("trade"), "the feed has recovered")


async def test_a_malformed_frame_costs_the_connection_and_not_the_feed(
    arrivals: Arrivals, start_feed: StartFeed, symbol: str
) -> None:
    async with Venue([[match(symbol, 1, 7), "{what?"], [match(symbol, 2, 8)]]) as venue:
        feed = await start_feed(venue)
        await until(lambda: len(arrivals.of_kind("trade")) == 2, "trades go on")
        assert "cannot be understood" in (feed.status.last_error or "")


async def test_a_feed_that_is_stopped_says_where_it_broke(
    broker: Broker, start_publisher: StartPublisher, published_before: PublishedBefore, symbol: str
) -> None:
    publisher = await start_publisher()
    async with Venue([[match(symbol, 1, 7)]]) as venue, broker.following() as arrivals:
        task = asyncio.create_task(CoinbaseFeed(venue.url, (symbol,)).run(publisher, published_before))
        await until(lambda: arrivals.of_kind("trade"), "the trade has arrived")
        task.cancel()
        await asyncio.wait([task])
        await until(lambda: len(arrivals.of_kind("break")) == 2, "the break has arrived")
        assert arrivals.events[-1].event_time == arrivals.of_kind("trade")[0].event_time


async def test_an_address_that_is_none_ends_the_feed_with_a_sentence(
    start_publisher: StartPublisher, published_before: PublishedBefore, symbol: str
) -> None:
    feed = CoinbaseFeed("http://localhost:1", (symbol,))
    with pytest.raises(ProviderError, match="COINBASE_WS_URL"):
        await feed.run(await start_publisher(), published_before)


async def test_a_feed_that_starts_again_breaks_the_candle_that_an_earlier_run_left(
    stack: RunningStack, arrivals: Arrivals, start_feed: StartFeed, symbol: str
) -> None:
    store_candle(stack, symbol, START - timedelta(hours=3))
    async with Venue([[match(symbol, 1, 7)]]) as venue:
        await start_feed(venue)
        await until(lambda: len(arrivals.of_symbol(symbol)) == 3, "the trade has arrived")
        left, begin, _ = arrivals.of_symbol(symbol)
        assert (left.kind, left.event_time) == ("break", to_micros(START - timedelta(hours=3)))
        assert begin.kind == "break"
