"""Coinbase Exchange."""

from __future__ import annotations

import json

from websockets.asyncio.server import ServerConnection

from producer.providers.coinbase.feed import CoinbaseFeed
from producer.providers.streaming.connection import Patience
from producer.providers.streaming.feed import StreamingFeed
from tests.integration.producer.conformance.dialect import PRICE, SIZE, Dialect, Script, framed, iso


class Coinbase(Dialect):
    name = "coinbase"

    def feed(self, url: str, patience: Patience) -> StreamingFeed:
        return CoinbaseFeed(url, self.symbols, patience=patience)

    async def welcome(self, connection: ServerConnection, script: Script) -> None:
        request = json.loads(await connection.recv())
        assert request["product_ids"] == list(self.symbols)
        if script.refused:
            reason = f"{script.refused[0]} is not a valid product"
            await connection.send(framed(type="error", message="Failed to subscribe", reason=reason))
            return
        channels = [{"name": name, "product_ids": request["product_ids"]} for name in request["channels"]]
        await connection.send(framed(type="subscriptions", channels=channels))

    def trade(
        self, symbol: str, number: int, second: float, price: str = PRICE, size: str = SIZE, extra: str = ""
    ) -> str:
        return (
            f'{{"type":"match","trade_id":{number},"maker_order_id":"ac928c66","taker_order_id":"132fb6ae",'
            f'"side":"sell","size":"{size}","price":"{price}","product_id":"{symbol}","sequence":9,'
            f'"time":"{iso(second)}"{extra}}}'
        )

    def clock(self, second: float) -> str:
        # It may announce trade 1 alone: the suite's trades are numbered from 1 on.
        return framed(
            type="heartbeat", sequence=90, last_trade_id=1, product_id=self.symbols[0], time=iso(second)
        )

    @property
    def idle(self) -> tuple[str, ...]:
        return (
            framed(
                type="ticker",
                sequence=5,
                product_id=self.symbols[0],
                price="105944.2",
                best_bid="105944.1",
                best_ask="105944.3",
                time=iso(0),
                trade_id=1,
            ),
            framed(type="status", products=[], currencies=[]),
        )
