"""Kraken's WebSocket API v2."""

from __future__ import annotations

import json

from websockets.asyncio.server import ServerConnection

from producer.providers.kraken.feed import KrakenVenue
from producer.providers.streaming.connection import Patience
from producer.providers.streaming.feed import StreamingFeed
from tests.integration.producer.conformance.dialect import PRICE, SIZE, Dialect, Script, framed, iso


class Kraken(Dialect):
    name = "kraken"
    refuses_one_by_one = True

    def feed(self, url: str, patience: Patience) -> StreamingFeed:
        return StreamingFeed(KrakenVenue(url, self.symbols), patience)

    async def welcome(self, connection: ServerConnection, script: Script) -> None:
        state = {"system": "online", "api_version": "v2", "connection_id": 13834774380200032777}
        await connection.send(framed(channel="status", type="update", data=[state]))
        for channel in ("trade", "ticker"):
            request = json.loads(await connection.recv())
            assert request["params"]["channel"] == channel
            for symbol in request["params"]["symbol"]:
                refused = symbol.replace("/", "-") in script.refused
                await connection.send(self._answer(request["req_id"], channel, symbol, refused=refused))

    def trade(
        self, symbol: str, number: int, second: float, price: str = PRICE, size: str = SIZE, extra: str = ""
    ) -> str:
        return self.trades("update", self.entry(symbol, number, second, price, size, extra))

    def trades(self, kind: str, *entries: str) -> str:
        return f'{{"channel":"trade","type":"{kind}","data":[{",".join(entries)}]}}'

    def entry(
        self, symbol: str, number: int, second: float, price: str = PRICE, size: str = SIZE, extra: str = ""
    ) -> str:
        return (
            f'{{"symbol":"{symbol.replace("-", "/")}","side":"buy","price":{price},"qty":{size},'
            f'"ord_type":"limit","trade_id":{number},"timestamp":"{iso(second)}"{extra}}}'
        )

    def clock(self, second: float) -> str:
        return framed(method="pong", req_id=3, time_in=iso(second), time_out=iso(second))

    @property
    def idle(self) -> tuple[str, ...]:
        ticker = {"symbol": "BTC/USD", "bid": 105944.2, "bid_qty": 2.5, "ask": 105944.3, "ask_qty": 3.2}
        return (
            framed(channel="heartbeat"),
            framed(channel="ticker", type="update", data=[ticker]),
            framed(channel="ohlc", type="update", data=[{"symbol": "BTC/USD", "trades": 3}]),
        )

    def _answer(self, request: int, channel: str, symbol: str, *, refused: bool) -> str:
        times = {"time_in": iso(0), "time_out": iso(0)}
        if refused:
            error = f"Currency pair not supported {symbol}"
            return framed(
                error=error, method="subscribe", req_id=request, success=False, symbol=symbol, **times
            )
        result = {"channel": channel, "snapshot": True, "symbol": symbol}
        return framed(method="subscribe", req_id=request, result=result, success=True, **times)
