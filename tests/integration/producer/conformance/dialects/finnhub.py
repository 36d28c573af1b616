"""Finnhub's stream of trades."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection

from producer.events import to_micros
from producer.providers.finnhub import FinnhubVenue
from producer.providers.streaming.connection import Patience
from producer.providers.streaming.feed import StreamingFeed
from tests.integration.producer.conformance.dialect import (
    PRICE,
    SIZE,
    Dialect,
    Script,
    framed,
    milliseconds,
)

KEY = "s3same+t0ken/of finnhub"


class Finnhub(Dialect):
    name = "finnhub"
    symbols = ("AAPL", "MSFT")
    secrets = (KEY, "s3same%2Bt0ken%2Fof%20finnhub")
    numbered = False
    may_be_silent = True
    refuses_one_by_one = True
    session_end = to_micros(datetime(2025, 3, 4, 21, tzinfo=UTC))

    def feed(self, url: str, patience: Patience) -> StreamingFeed:
        return StreamingFeed(FinnhubVenue(url, self.symbols, KEY), patience)

    async def welcome(self, connection: ServerConnection, script: Script) -> None:
        assert connection.request is not None
        assert parse_qs(urlsplit(connection.request.path).query) == {"token": [KEY]}
        for _ in self.symbols:
            request = json.loads(await connection.recv())
            assert request["type"] == "subscribe"
            if request["symbol"] in script.refused:
                await connection.send(framed(msg=f"Invalid symbol {request['symbol']}", type="error"))

    def trade(
        self, symbol: str, number: int, second: float, price: str = PRICE, size: str = SIZE, extra: str = ""
    ) -> str:
        return (
            f'{{"data":[{{"c":["1","12"],"p":{price},"s":"{symbol}","t":{milliseconds(second)},"v":{size}{extra}}}],'
            f'"type":"trade"}}'
        )

    @property
    def idle(self) -> tuple[str, ...]:
        return (framed(type="ping"), framed(type="news", data=[{"headline": "unheard of"}]))

    def said_of_wrong_key(self) -> tuple[int, str]:
        return 401, f"Invalid API key {KEY}"
