"""Binance Spot's combined streams."""

from __future__ import annotations

import json
from typing import Any

from websockets.asyncio.server import ServerConnection

from producer.providers.binance.feed import BinanceVenue
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


class Binance(Dialect):
    name = "binance"
    symbols = ("BTC-USDT", "ETH-USDT")

    def feed(self, url: str, patience: Patience) -> StreamingFeed:
        return StreamingFeed(BinanceVenue(url, self.symbols), patience)

    async def welcome(self, connection: ServerConnection, script: Script) -> None:
        assert connection.request is not None
        assert connection.request.path == "/stream"
        request = json.loads(await connection.recv())
        assert request["method"] == "SUBSCRIBE"
        assert {"btcusdt@trade", "ethusdt@trade"} <= set(request["params"])
        if script.refused:
            said = f"Invalid request: unknown stream {script.refused[0]}"
            await connection.send(framed(error={"code": 2, "msg": said}, id=request["id"]))
            return
        await connection.send(framed(result=None, id=request["id"]))

    def trade(
        self, symbol: str, number: int, second: float, price: str = PRICE, size: str = SIZE, extra: str = ""
    ) -> str:
        pair = symbol.replace("-", "")
        return (
            f'{{"stream":"{pair.lower()}@trade","data":{{"e":"trade","E":{milliseconds(second) + 3},'
            f'"s":"{pair}","t":{number},"p":"{price}","q":"{size}","T":{milliseconds(second)},"m":true,"M":true{extra}}}}}'
        )

    def clock(self, second: float) -> str:
        return self._stream("btcusdt@ticker", e="24hrTicker", E=milliseconds(second), s="BTCUSDT", L=1)

    @property
    def idle(self) -> tuple[str, ...]:
        return (
            self._stream("btcusdt@kline_1m", e="kline", E=milliseconds(0), s="BTCUSDT", k={"x": False}),
            self._stream("btcusdt@bookTicker", u=400900217, s="BTCUSDT", b="25.3", B="31.2"),
        )

    def _stream(self, name: str, **data: Any) -> str:
        return framed(stream=name, data=data)
