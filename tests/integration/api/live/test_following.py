"""What comes from the broker and the database reaches those who follow it."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from api.intervals import parsed
from producer.events import to_datetime
from producer.publisher import Publisher
from tests.integration.api.live.conftest import Serve
from tests.integration.api.live.market import Market, trades
from tests.integration.producer.waiting import WAIT_SECONDS, until

MINUTE = to_datetime(1_767_623_400_000_000)


async def test_a_trade_that_is_published_comes_as_a_tick(
    serve: Serve, publisher: Publisher, market: Market
) -> None:
    followed, other = market.follow(2)
    async with serve() as server, server.follower() as follower:
        await follower.ask("subscribe", symbols=[followed], channels=["ticks"])
        assert await follower.read() == {
            "type": "subscribed",
            "symbols": [followed],
            "channels": ["ticks"],
            "interval": None,
        }
        event = trades([followed], 7)[0]
        await publisher.publish([*trades([other], 1), event])
        tick = await follower.until_type("tick")
        assert tick == {
            "type": "tick",
            "symbol": followed,
            "event_time": to_datetime(event.event_time).isoformat().replace("+00:00", "Z"),
            "ingest_time": to_datetime(event.ingest_time).isoformat().replace("+00:00", "Z"),
            "price": "7",
            "size": "0.25",
            "bid": None,
            "ask": None,
            "kind": "trade",
            "source": "live-test",
        }
        # The other trade may travel through another stream.
        await until(lambda: len(server.feeds.hub.ticks) == 2, "both ticks have come")
        async with server.follower() as later:
            await later.ask("subscribe", symbols=[other, followed], channels=["ticks"])
            newest = [await later.until_type("tick"), await later.until_type("tick")]
            assert [found["price"] for found in newest] == ["1", "7"]


async def test_another_websocket_protocol_of_uvicorn_sends_the_same(
    serve: Serve, publisher: Publisher, market: Market
) -> None:
    symbols = market.follow(2)
    async with serve(options={"ws": "auto"}) as server, server.follower() as follower:
        await follower.ask("subscribe", symbols=symbols, channels=["ticks"])
        assert (await follower.read())["type"] == "subscribed"
        await publisher.publish(trades(symbols, 7))
        ticks = [await follower.until_type("tick"), await follower.until_type("tick")]
        assert {tick["symbol"] for tick in ticks} == set(symbols)


async def test_a_candle_comes_as_it_grows_when_it_is_final_and_when_it_is_corrected(
    serve: Serve, market: Market
) -> None:
    (symbol,) = market.follow()
    market.candle(symbol, MINUTE - timedelta(minutes=1), 5, "90", is_final=True)
    market.candle(symbol, MINUTE, 2, "100")
    async with serve() as server, server.follower() as follower:
        await follower.ask("subscribe", symbols=[symbol], channels=["candles"])
        candle = await follower.until_type("candle")
        async with httpx.AsyncClient(base_url=server.url, timeout=WAIT_SECONDS) as client:
            stored = await client.get(f"/api/v1/candles/{symbol}/latest")
        wanted = stored.json()["candle"]
        assert candle.items() >= {key: wanted[key] for key in wanted if key != "is_filled"}.items()
        market.candle(symbol, MINUTE, 4, "101.50")
        grown = await follower.until_type("candle")
        assert (grown["close"], grown["is_final"], grown["revision"]) == ("101.5", False, 4)
        market.candle(symbol, MINUTE, 5, "101.50", is_final=True)
        final = await follower.until_type("candle")
        assert (final["bucket_start"], final["is_final"]) == ("2026-01-05T14:30:00Z", True)
        market.candle(symbol, MINUTE + timedelta(minutes=11), 2, "110")
        market.candle(symbol, MINUTE, 7, "102", is_final=True)
        changed = [await follower.until_type("candle"), await follower.until_type("candle")]
        assert {(found["close"], found["revision"]) for found in changed} == {("110", 2), ("102", 7)}


@pytest.mark.parametrize(
    ("interval", "stored", "length"),
    [
        ("30m", "15m", timedelta(minutes=15)),
        ("4h", "1h", timedelta(hours=1)),
        ("1w", "1d", timedelta(days=1)),
    ],
)
async def test_a_multiple_comes_with_every_change_of_a_candle_that_it_is_made_of(
    serve: Serve, market: Market, interval: str, stored: str, length: timedelta
) -> None:
    (symbol,) = market.follow()
    begin = parsed(interval).floor(datetime.now(UTC))
    async with serve() as server, server.follower() as follower, httpx.AsyncClient() as client:

        async def told_as_the_api_has_it() -> dict[str, Any]:
            candle = await follower.until_type("candle")
            latest = await client.get(
                f"{server.url}/api/v1/candles/{symbol}/latest", params={"interval": interval}
            )
            wanted = latest.json()["candle"]
            assert candle.items() >= {key: wanted[key] for key in wanted if key != "is_filled"}.items()
            assert candle["interval"] == interval
            return candle

        market.candle(symbol, begin, 5, "90", is_final=True, interval=stored)
        market.candle(symbol, begin + length, 2, "100", interval=stored)
        await follower.ask("subscribe", symbols=[symbol], channels=["candles"], interval=interval)
        candle = await told_as_the_api_has_it()
        assert (candle["close"], candle["volume"], candle["is_final"]) == ("100", "5", False)
        market.candle(symbol, begin + length, 4, "101.50", interval=stored)
        assert (await told_as_the_api_has_it())["close"] == "101.5"
        # A late event corrects the first part: counted once, and the close is still that of the last.
        market.candle(symbol, begin, 7, "95", is_final=True, interval=stored)
        corrected = await told_as_the_api_has_it()
        assert (corrected["close"], corrected["volume"], corrected["revision"]) == ("101.5", "5", 11)


async def test_a_multiple_that_is_over_comes_once_more_when_it_is_final_and_when_it_is_corrected(
    serve: Serve, market: Market
) -> None:
    (symbol,) = market.follow()
    begin = parsed("30m").floor(datetime.now(UTC))
    quarters = [begin + timedelta(minutes=15 * number) for number in range(3)]
    market.candle(symbol, quarters[0], 5, "90", is_final=True, interval="15m")
    market.candle(symbol, quarters[1], 4, "100", interval="15m")
    async with serve() as server, server.follower() as follower:
        await follower.ask("subscribe", symbols=[symbol], channels=["candles"], interval="30m")
        assert not (await follower.until_type("candle"))["is_final"]
        market.candle(symbol, quarters[1], 5, "100", is_final=True, interval="15m")
        final = await follower.until_type("candle")
        assert (final["is_final"], final["revision"]) == (True, 10)
        market.candle(symbol, quarters[2], 2, "110", interval="15m")
        assert (await follower.until_type("candle"))["close"] == "110"
        market.candle(symbol, quarters[1], 7, "102", is_final=True, interval="15m")
        corrected = await follower.until_type("candle")
        assert (corrected["bucket_start"], corrected["close"]) == (final["bucket_start"], "102")


async def test_an_alert_that_fires_comes_once_to_those_who_follow_its_symbol(
    serve: Serve, market: Market
) -> None:
    followed, other = market.follow(2)
    market.alert(followed, MINUTE, "Before.")
    async with serve() as server, server.follower() as follower:
        await follower.ask("subscribe", symbols=[followed], channels=["alerts"])
        await follower.until(lambda found: found["type"] == "feed", "alerts are followed")
        market.alert(other, MINUTE, "Elsewhere.")
        market.alert(followed, MINUTE, "It crossed 100.")
        alert = await follower.until_type("alert")
        assert alert.pop("rule_id") > 0
        assert alert == {
            "type": "alert",
            "symbol": followed,
            "event_time": "2026-01-05T14:30:00Z",
            "message": "It crossed 100.",
            "value": 101.5,
        }
        market.alert(followed, MINUTE, "Again.")
        assert (await follower.until_type("alert"))["message"] == "Again."


async def test_server_sent_events_are_the_same_objects(
    serve: Serve, publisher: Publisher, market: Market
) -> None:
    (symbol,) = market.follow()
    async with (
        serve() as server,
        httpx.AsyncClient(base_url=server.url, timeout=WAIT_SECONDS) as client,
        client.stream("GET", "/api/v1/stream", params={"symbols": symbol, "channels": "ticks"}) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.aiter_lines()
        assert await anext(lines) == "retry: 3000"
        await publisher.publish(trades([symbol], 7))
        name = ""
        async for line in lines:
            name = line.removeprefix("event: ") if line.startswith("event: ") else name
            if line.startswith("data: ") and name == "tick":
                assert json.loads(line.removeprefix("data: "))["price"] == "7"
                break
        assert (await server.status())["sse_clients"] == 1


async def test_a_stream_of_events_ends_when_the_server_does(serve: Serve, market: Market) -> None:
    (symbol,) = market.follow()
    async with httpx.AsyncClient(timeout=WAIT_SECONDS) as client, AsyncExitStack() as streams:
        async with serve() as server:
            url = f"{server.url}/api/v1/stream?symbols={symbol}&channels=ticks"
            answer = await streams.enter_async_context(client.stream("GET", url))
            lines = answer.aiter_lines()
            assert await anext(lines) == "retry: 3000"
        assert [line async for line in lines if line.startswith("event: ")]


async def test_what_is_no_longer_followed_no_longer_comes(
    serve: Serve, publisher: Publisher, market: Market
) -> None:
    left, kept = market.follow(2)
    async with serve() as server, server.follower() as follower:
        await follower.ask("subscribe", symbols=[left, kept], channels=["ticks"])
        await follower.ask("unsubscribe", symbols=[left], channels=["ticks"])
        await follower.until_type("unsubscribed")
        await publisher.publish([*trades([left], 1), *trades([kept], 2)])
        assert (await follower.until_type("tick"))["symbol"] == kept


@pytest.mark.parametrize(
    ("query", "status", "reason"),
    [
        ("symbols=NO-SUCH", 404, "NO-SUCH"),
        ("symbols=,", 422, "symbols"),
        ("", 422, "symbols"),
        ("symbols=A&channels=news", 422, "news"),
        ("symbols=A&interval=7m", 422, "7m"),
    ],
)
async def test_server_sent_events_that_cannot_be_are_a_problem(
    serve: Serve, query: str, status: int, reason: str
) -> None:
    async with serve() as server, httpx.AsyncClient(base_url=server.url, timeout=WAIT_SECONDS) as client:
        answer = await client.get(f"/api/v1/stream?{query}")
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
        assert reason in answer.json()["detail"]
