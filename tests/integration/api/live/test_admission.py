"""Who is let in, and what a client may ask for."""

from __future__ import annotations

import json
import uuid
from typing import Any

import httpx
import pytest
from aio_pika import Message
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from aio_pika.exceptions import ChannelClosed
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from api.live.server import MESSAGE_BYTES
from api.live.settings import LiveSettings
from db.settings import DatabaseSettings
from producer.access.keys import ApiKeys
from producer.database import Database
from tests.integration.api.live.conftest import Serve
from tests.integration.api.live.market import Market
from tests.integration.api.live.server import RunningServer
from tests.integration.producer.waiting import WAIT_SECONDS
from tests.stack import RunningStack

EVERYWHERE = "0.0.0.0"  # noqa: S104 -- a setting; the server listens on the loopback address


@pytest.fixture
async def key(stack: RunningStack) -> str:
    settings = {name.lower(): value for name, value in stack.env.items()}
    database = Database(DatabaseSettings.model_validate(settings))
    try:
        return (await ApiKeys(database).issue(f"live-{uuid.uuid4()}", "read")).text
    finally:
        await database.close()


async def refusal(server: RunningServer, **options: Any) -> tuple[int, str]:
    """The status and the explanation that a WebSocket is refused with."""
    with pytest.raises(InvalidStatus) as refused:
        async with server.follower(**options):
            pass
    response = refused.value.response
    assert response.headers["content-type"] == "application/problem+json"
    assert response.body is not None
    return response.status_code, json.loads(response.body)["detail"]


async def test_beyond_this_machine_a_key_is_needed_in_the_header_or_as_a_browsers_protocol(
    serve: Serve, key: str
) -> None:
    async with serve(api_host=EVERYWHERE) as server:
        status, detail = await refusal(server)
        assert (status, "X-API-Key" in detail) == (401, True)
        # The last character says four bits alone: a sixteenth of all keys end with any one of it.
        wrong = f"{key[:-1]}{'E' if key.endswith('A') else 'A'}"
        status, detail = await refusal(server, subprotocols=["candlewick", f"candlewick.key.{wrong}"])
        assert (status, wrong in detail) == (401, False)
        async with server.follower(additional_headers={"X-API-Key": key}) as program:
            await program.ask("ping")
            assert (await program.read())["type"] == "pong"
        async with server.follower(subprotocols=["candlewick", f"candlewick.key.{key}"]) as browser:
            assert browser.connection.subprotocol == "candlewick"
        async with httpx.AsyncClient(base_url=server.url, timeout=WAIT_SECONDS) as client:
            assert (await client.get("/api/v1/stream?symbols=A")).status_code == 401
            assert (await client.get("/api/v1/live")).status_code == 401
            assert (await client.get("/api/v1/live", headers={"X-API-Key": key})).status_code == 200


async def test_a_page_of_another_site_is_refused_and_one_of_this_server_is_not(serve: Serve) -> None:
    async with serve() as server:
        status, detail = await refusal(server, origin="https://evil.example")
        assert (status, "evil.example" in detail) == (403, True)
        async with server.follower(origin=server.url):
            pass


async def test_a_page_that_has_its_own_name_resolve_to_this_machine_is_refused(serve: Serve) -> None:
    async with serve() as server:
        origin = f"http://rebound.example:{server.port}"
        status, detail = await refusal(server, name="rebound.example", origin=origin)
        assert (status, "API_ALLOWED_HOSTS" in detail) == (421, True)
        async with server.follower("localhost", origin=f"http://localhost:{server.port}"):
            pass


async def test_more_clients_than_allowed_are_told_to_come_again(serve: Serve, market: Market) -> None:
    (symbol,) = market.follow()
    async with serve(api_live_clients=1) as server:
        async with server.follower() as only:
            await only.ask("ping")
            await only.read()
            status, detail = await refusal(server)
            assert (status, "API_LIVE_CLIENTS" in detail) == (503, True)
            async with httpx.AsyncClient(base_url=server.url, timeout=WAIT_SECONDS) as client:
                answer = await client.get(f"/api/v1/stream?symbols={symbol}")
                assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
        async with server.follower() as following:
            await following.ask("ping")
            assert (await following.read())["type"] == "pong"


async def test_symbols_that_are_not_followed_are_named_and_the_others_are_subscribed(
    serve: Serve, market: Market
) -> None:
    (symbol,) = market.follow()
    async with serve() as server, server.follower() as follower:
        await follower.ask("subscribe", symbols=["NO-SUCH", symbol], channels=["ticks"])
        error = await follower.read()
        assert (error["type"], error["title"]) == ("error", "No such symbol")
        assert "NO-SUCH" in error["detail"]
        assert symbol not in error["detail"]
        assert (await follower.read())["symbols"] == [symbol]


async def test_a_new_symbol_is_known_soon(serve: Serve, market: Market) -> None:
    async with serve() as server, server.follower() as follower:
        await follower.ask("subscribe", symbols=market.follow(), channels=["ticks"])
        await follower.until_type("subscribed")
        (new,) = market.follow()

        async def is_known() -> bool:
            await follower.ask("subscribe", symbols=[new], channels=["ticks"])
            answer = await follower.until(lambda found: found["type"] in {"subscribed", "error"}, "an answer")
            return bool(answer["type"] == "subscribed")

        while not await is_known():
            pass


async def test_what_is_not_understood_is_answered_and_the_connection_stays(serve: Serve) -> None:
    async with serve() as server, server.follower() as follower:
        for message in ("hello", b"\x00\xff", '{"op": "subscribe", "symbols": []}'):
            await follower.connection.send(message)
            assert (await follower.read())["title"] == "The request is not valid"
        await follower.ask("ping")
        assert (await follower.read())["type"] == "pong"


async def test_a_client_follows_at_most_500_symbols(serve: Serve, market: Market) -> None:
    symbols = market.follow(501)
    async with serve() as server, server.follower() as follower:
        await follower.ask("subscribe", symbols=symbols[:500], channels=["alerts"])
        assert (await follower.read())["type"] == "subscribed"
        await follower.ask("subscribe", symbols=symbols[500:], channels=["alerts"])
        error = await follower.until_type("error")
        assert "500" in error["detail"]
        assert "501" in error["detail"]


async def test_a_message_that_is_too_long_ends_the_connection(serve: Serve) -> None:
    async with serve() as server, server.follower() as follower:
        await follower.connection.send("x" * (MESSAGE_BYTES + 1))
        with pytest.raises(ConnectionClosedError) as closed:
            await follower.read()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009


async def test_the_brokers_user_of_the_read_api_may_read_events_and_do_nothing_else(
    live_settings: LiveSettings, stack: RunningStack
) -> None:
    settings = live_settings.model_copy(update={"rabbitmq_vhost": stack.env["RABBITMQ_VHOST"]})
    async with await settings.broker.connect() as connection:

        async def channel() -> AbstractChannel:
            opened = await connection.channel()
            await opened.set_qos(prefetch_count=1)
            return opened

        async def ignore(_: AbstractIncomingMessage) -> None:
            pass

        allowed = await (await channel()).get_queue("market.events.0", ensure=False)
        await allowed.consume(ignore, arguments={"x-stream-offset": "next"})
        bars = await (await channel()).get_queue("market.bars", ensure=False)
        with pytest.raises(ChannelClosed, match="ACCESS_REFUSED"):
            await bars.consume(ignore)
        with pytest.raises(ChannelClosed, match="ACCESS_REFUSED"):
            await (await channel()).declare_queue("market.events.99", durable=True)
        with pytest.raises(ChannelClosed, match="ACCESS_REFUSED"):
            await (await channel()).default_exchange.publish(Message(b"[]"), "market.events.0")
