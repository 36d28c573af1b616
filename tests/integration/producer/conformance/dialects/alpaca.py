"""Alpaca's stream of IEX."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from websockets.asyncio.server import ServerConnection

from producer.events import to_micros
from producer.providers.alpaca.feed import AlpacaVenue
from producer.providers.streaming.connection import Patience
from producer.providers.streaming.feed import StreamingFeed
from tests.integration.producer.conformance.dialect import PRICE, SIZE, Dialect, Script, iso

KEY = "PK5ZESAME0KEY"
SECRET = "s3same/S3cret+of~Alpaca"


class Alpaca(Dialect):
    name = "alpaca"
    symbols = ("AAPL", "MSFT")
    secrets = (KEY, SECRET)
    numbered = False
    may_be_silent = True
    refuses_one_by_one = True
    session_end = to_micros(datetime(2025, 3, 4, 21, tzinfo=UTC))

    def feed(self, url: str, patience: Patience) -> StreamingFeed:
        return StreamingFeed(AlpacaVenue(url, self.symbols, KEY, SECRET), patience)

    async def welcome(self, connection: ServerConnection, script: Script) -> None:
        await self._send(connection, {"T": "success", "msg": "connected"})
        login = json.loads(await connection.recv())
        assert login == {"action": "auth", "key": KEY, "secret": SECRET}
        if script.wrong_key:
            await self._send(connection, {"T": "error", "code": 402, "msg": f"auth failed for {KEY}"})
            return
        await self._send(connection, {"T": "success", "msg": "authenticated"})
        subscribed: dict[str, list[str]] = {"trades": [], "quotes": [], "bars": []}
        for channel in ("trades", "quotes"):
            request = json.loads(await connection.recv())
            assert request.keys() == {"action", channel}
            subscribed[channel] = [symbol for symbol in request[channel] if symbol not in script.refused]
            await self._send(connection, {"T": "subscription", **subscribed})

    def trade(
        self, symbol: str, number: int, second: float, price: str = PRICE, size: str = SIZE, extra: str = ""
    ) -> str:
        time = iso(second).replace("Z", "789Z")
        return (
            f'[{{"T":"t","i":{52983525029461 + number},"S":"{symbol}","x":"V","p":{price},"s":{size},'
            f'"t":"{time}","c":["@","I"],"z":"C"{extra}}}]'
        )

    def clock(self, second: float) -> str:
        quote = {"T": "q", "S": "AAPL", "bx": "V", "bp": 87.66, "bs": 1, "ax": "V", "ap": 87.68, "as": 4}
        return json.dumps([{**quote, "c": ["R"], "t": iso(second), "z": "C"}])

    @property
    def idle(self) -> tuple[str, ...]:
        return (
            json.dumps([{"T": "b", "S": "AAPL", "o": 1.5, "c": 2, "t": iso(0)}, {"T": "unheard of"}]),
            "[]",
        )

    async def _send(self, connection: ServerConnection, *messages: dict[str, object]) -> None:
        await connection.send(json.dumps(messages))
