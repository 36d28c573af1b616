"""A client that does not read costs little, and finds the newest values when it reads again."""

from __future__ import annotations

import socket

from api.live.topics import topics
from producer.publisher import Publisher
from tests.integration.api.live.conftest import Serve
from tests.integration.api.live.market import Market, trades
from tests.integration.producer.waiting import WAIT_SECONDS, until

SYMBOLS = 500
ROUNDS = 200
TICK_BYTES = 240
# More than are on their way, so that it shows within one confirm of the broker who does not read.
ROUNDS_AT_ONCE = 20
# What is on its way at the sockets, in the server and in the client's library; the outbox has its own bound.
ON_THE_WAY_BYTES = 1_000_000
HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


async def test_a_client_that_reads_nothing_while_100_000_ticks_pass_then_gets_the_newest(
    serve: Serve, publisher: Publisher, market: Market
) -> None:
    symbols = market.follow(SYMBOLS)
    async with (
        serve() as server,
        server.follower(max_queue=1) as slow,
        server.follower() as fast,
    ):
        await fast.ask("subscribe", symbols=symbols[:1], channels=["ticks"])
        await slow.ask("subscribe", symbols=symbols, channels=["ticks"])
        await server.until_followed(SYMBOLS)
        for number in range(1, ROUNDS + 1):
            await publisher.publish(trades(symbols, number))
        await fast.until(lambda found: found.get("price") == str(ROUNDS), "the fast client has the newest")
        await until(lambda: server.feeds.tail.events >= SYMBOLS * ROUNDS, "all ticks have come to the server")
        status = await server.status()
        assert SYMBOLS * 0.5 < status["waiting"] <= SYMBOLS + 1
        # Of a message of the stream with several ticks of a symbol the newest alone is counted.
        assert status["conflated"] > SYMBOLS * ROUNDS * 0.2
        newest: dict[str, str] = {}
        while list(newest.values()).count(str(ROUNDS)) < SYMBOLS:
            tick = await slow.until_type("tick")
            newest[tick["symbol"]] = tick["price"]
        assert slow.bytes < ON_THE_WAY_BYTES + SYMBOLS * TICK_BYTES


async def test_a_client_that_neither_reads_nor_answers_pings_is_disconnected(
    serve: Serve, publisher: Publisher, market: Market
) -> None:
    symbols = market.follow(SYMBOLS)
    async with serve(options={"ws_ping_interval": 0.5, "ws_ping_timeout": 0.5}) as server:
        hub = server.feeds.hub
        with socket.socket() as gone:
            gone.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            gone.connect(("127.0.0.1", server.port))
            gone.sendall(HANDSHAKE)
            await until(lambda: hub.clients, "it is connected")
            (client,) = hub.clients
            hub.subscribe(client, topics(symbols, ["ticks"], "1m"))
            number = 0
            while hub.clients:
                for _ in range(ROUNDS_AT_ONCE):
                    number += 1
                    await publisher.publish(trades(symbols, number))
                await publisher.flush(WAIT_SECONDS)
        assert client.outbox.conflated > 0
