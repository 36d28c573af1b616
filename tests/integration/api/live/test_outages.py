"""Clients stay connected while the broker or the database is away, and are told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from api.live.hub import Hub
from api.live.settings import LiveSettings
from api.live.tail import StreamTail
from producer.cancellation import cancelled
from producer.publisher import Publisher
from tests.integration.api.live.conftest import Serve
from tests.integration.api.live.market import Market, trades
from tests.integration.api.live.server import Object
from tests.integration.producer.broker import TOPOLOGY
from tests.integration.producer.proxy import Proxy
from tests.integration.producer.waiting import until
from tests.stack import RunningStack


def is_feed(channel: str, state: str) -> Callable[[Object], bool]:
    return lambda found: (found["type"], found.get("channel"), found.get("state")) == ("feed", channel, state)


async def test_ticks_are_stale_while_the_broker_is_away_and_come_again_on_the_same_connection(
    serve: Serve, publisher: Publisher, market: Market, broker_proxy: Proxy
) -> None:
    (symbol,) = market.follow()
    async with serve(rabbitmq_port=broker_proxy.port) as server, server.follower() as follower:
        await follower.ask("subscribe", symbols=[symbol], channels=["ticks"])
        await follower.until(is_feed("ticks", "live"), "ticks are live")
        broker_proxy.cut()
        stale = await follower.until(is_feed("ticks", "stale"), "ticks are stale")
        assert "broker is away" in stale["detail"]
        assert state_of(await server.status(), "ticks") == "stale"
        broker_proxy.mend()
        await follower.until(is_feed("ticks", "live"), "ticks are live again")
        await publisher.publish(trades([symbol], 7))
        assert (await follower.until_type("tick"))["price"] == "7"


async def test_candles_are_stale_while_the_database_is_away_and_what_changed_meanwhile_comes(
    serve: Serve, market: Market, database_proxy: Proxy
) -> None:
    (symbol,) = market.follow()
    minute = datetime(2026, 1, 5, 14, 30, tzinfo=UTC)
    market.candle(symbol, minute, 2, "100")
    async with serve(postgres_port=database_proxy.port) as server, server.follower() as follower:
        await follower.ask("subscribe", symbols=[symbol], channels=["candles"])
        assert (await follower.until_type("candle"))["close"] == "100"
        database_proxy.cut()
        await follower.until(is_feed("candles", "stale"), "candles are stale")

        async def refusal() -> str:
            await follower.ask("subscribe", symbols=["NEVER-SEEN"])
            return str((await follower.until_type("error"))["title"])

        while (title := await refusal()) == "No such symbol":
            pass  # The symbols were read less than a second ago.
        assert title == "The database is away"
        market.candle(symbol, minute, 5, "101", is_final=True)
        database_proxy.mend()
        found = await follower.until(lambda found: found.get("close") == "101", "the final candle")
        assert found["is_final"]
        if state_of(await server.status(), "candles") != "live":
            await follower.until(is_feed("candles", "live"), "candles are live again")


async def test_a_log_in_that_the_broker_refuses_is_told_with_its_setting(
    live_settings: LiveSettings, publisher: Publisher
) -> None:
    address = replace(live_settings.broker, password="wrong")
    tail = StreamTail(address, live_settings.event_shards, Hub(1))
    running = asyncio.create_task(tail.run())
    await until(lambda: "RABBITMQ_API_PASSWORD" in tail.detail, "the refusal is told")
    assert not tail.is_live
    assert "wrong" not in tail.detail
    await cancelled(running)


async def test_streams_that_are_not_there_yet_are_waited_for(
    live_settings: LiveSettings, stack: RunningStack
) -> None:
    tail = StreamTail(live_settings.broker, live_settings.event_shards, Hub(1))
    running = asyncio.create_task(tail.run())
    await until(lambda: "market.events.0" in tail.detail, "the missing stream is told")
    password = stack.env["RABBITMQ_PRODUCER_PASSWORD"]
    connection = await replace(live_settings.broker, user="producer", password=password).connect()
    async with connection:
        await TOPOLOGY.declare(connection)
    await until(lambda: tail.is_live, "the streams are followed")
    await cancelled(running)


def state_of(status: Object, channel: str) -> str:
    (state,) = (one["state"] for one in status["channels"] if one["channel"] == channel)
    return str(state)
