"""Who is given what."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec

from api.live.client import Client
from api.live.hub import Hub
from api.live.messages import Candle
from api.live.ticks import StreamEvent
from api.live.topics import Topic

MINUTE = datetime(2026, 1, 5, 14, 30, tzinfo=UTC)
TICKS_OF_A = Topic("ticks", "A")
MINUTES_OF_A = Topic("candles", "A", "1m")


def trade(symbol: str, time: int) -> StreamEvent:
    return StreamEvent("venue", "trade", time, time, symbol, 0, Decimal(time), Decimal(1))


def candle(interval: str = "1m") -> Candle:
    return Candle(
        *("A", interval, MINUTE, "1", "1", "1", "1", "0", None, 1), *(False, False, 2, "stream", "venue")
    )


def taken(client: Client, *kinds: str) -> list[dict[str, Any]]:
    """What a client is given, of some types."""
    messages = []
    while batch := client.take():
        messages += [msgspec.json.decode(message.json) for message in batch]
    return [message for message in messages if message["type"] in kinds]


def test_a_tick_goes_to_those_who_follow_its_symbol() -> None:
    hub = Hub(10)
    one, other = hub.join("websocket"), hub.join("sse")
    hub.subscribe(one, [TICKS_OF_A])
    hub.subscribe(other, [Topic("ticks", "B")])
    hub.publish_events([trade("A", 1)], 0.0)
    assert [tick["price"] for tick in taken(one, "tick")] == ["1"]
    assert taken(other, "tick") == []


def test_a_subscriber_begins_with_the_newest_tick_although_nobody_followed_before() -> None:
    hub = Hub(10)
    hub.publish_events([trade("A", 1), trade("A", 2)], 0.0)
    client = hub.join("websocket")
    hub.subscribe(client, [TICKS_OF_A])
    assert [tick["price"] for tick in taken(client, "tick")] == ["2"]


def test_a_later_subscriber_begins_with_the_present_candle() -> None:
    hub = Hub(10)
    hub.subscribe(hub.join("websocket"), [MINUTES_OF_A])
    hub.publish_candle(candle(), 0.0, is_newest=True)
    later = hub.join("websocket")
    hub.subscribe(later, [MINUTES_OF_A, Topic("candles", "A", "1h")])
    assert [found["interval"] for found in taken(later, "candle")] == ["1m"]


def test_a_candle_that_nobody_follows_any_more_is_forgotten() -> None:
    hub = Hub(10)
    client = hub.join("websocket")
    hub.subscribe(client, [MINUTES_OF_A])
    hub.publish_candle(candle(), 0.0, is_newest=True)
    hub.leave(client)
    assert not hub.has_candle(MINUTES_OF_A)
    assert hub.followed("candles") == []


def test_what_is_no_longer_followed_is_not_sent_although_it_waited() -> None:
    hub = Hub(10)
    client = hub.join("websocket")
    hub.subscribe(client, [TICKS_OF_A, MINUTES_OF_A])
    hub.publish_events([trade("A", 1)], 0.0)
    hub.publish_candle(candle(), 0.0, is_newest=True)
    hub.unsubscribe(client, [TICKS_OF_A, MINUTES_OF_A])
    assert taken(client, "tick", "candle") == []


def test_the_state_of_a_channel_is_told_once_and_to_new_subscribers() -> None:
    hub = Hub(10)
    client = hub.join("websocket")
    hub.subscribe(client, [TICKS_OF_A])
    assert [feed["state"] for feed in taken(client, "feed")] == ["stale"]
    hub.set_feed("ticks", "live", "They come.")
    hub.set_feed("ticks", "live", "They come.")
    hub.set_feed("candles", "live", "They come.")
    assert [(feed["channel"], feed["state"]) for feed in taken(client, "feed")] == [("ticks", "live")]


def test_a_break_of_a_symbols_feed_is_told_to_its_followers() -> None:
    hub = Hub(10)
    client = hub.join("websocket")
    hub.subscribe(client, [TICKS_OF_A])
    taken(client)
    hub.publish_events([StreamEvent("venue", "break", 5, 5, "A")], 0.0)
    (told,) = taken(client, "feed")
    assert (told["symbol"], told["state"], told["event_time"]) == (
        "A",
        "break",
        "1970-01-01T00:00:00.000005Z",
    )


def test_counts_outlive_the_clients_that_they_are_of() -> None:
    hub = Hub(10)
    client = hub.join("websocket")
    hub.subscribe(client, [TICKS_OF_A])
    hub.publish_events([trade("A", 1)], 0.0)
    hub.publish_events([trade("A", 2)], 0.0)
    assert hub.conflated == 1
    hub.leave(client)
    assert hub.conflated == 1


@asynccontextmanager
async def waking(hub: Hub) -> AsyncIterator[None]:
    task = asyncio.create_task(hub.wake_clients())
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_clients_for_whom_something_waits_are_woken() -> None:
    hub = Hub(10)
    one, other = hub.join("websocket"), hub.join("websocket")
    hub.subscribe(one, [TICKS_OF_A])
    one.wake.clear()
    async with waking(hub):
        hub.publish_events([trade("A", 1)], 0.0)
        async with asyncio.timeout(10):
            await one.wake.wait()
    assert not other.wake.is_set()
