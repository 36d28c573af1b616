"""A loopback WebSocket server that speaks Coinbase Exchange's protocol, with frames of a test's own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

START = datetime(2025, 3, 4, 12, 30, 20, tzinfo=UTC)


def venue_time(second: float) -> str:
    return (START + timedelta(seconds=second)).isoformat().replace("+00:00", "Z")


def match(product: str, second: float, trade_id: int, kind: str = "match") -> dict[str, Any]:
    return {
        "type": kind,
        "trade_id": trade_id,
        "side": "sell",
        "size": "0.25",
        "price": f"{100 + trade_id / 100:.2f}",
        "product_id": product,
        "sequence": trade_id * 7,
        "time": venue_time(second),
    }


def heartbeat(product: str, second: float, last_trade_id: int) -> dict[str, Any]:
    return {
        "type": "heartbeat",
        "sequence": 1,
        "last_trade_id": last_trade_id,
        "product_id": product,
        "time": venue_time(second),
    }


@dataclass
class Venue:
    """Plays one script a connection: frames to send; then it holds the connection, or drops it."""

    scripts: Sequence[Sequence[Mapping[str, Any] | str]]
    drop_after: set[int] = field(default_factory=set)
    subscriptions: list[dict[str, Any]] = field(default_factory=list)
    port: int = 0
    _server: Server | None = None

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Venue:
        self._server = await serve(self._converse, "127.0.0.1", 0)
        self.port = next(iter(self._server.sockets)).getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _converse(self, connection: ServerConnection) -> None:
        try:
            async with asyncio.timeout(5):  # the venue drops who does not subscribe by then
                request = json.loads(await connection.recv())
            number = len(self.subscriptions)
            self.subscriptions.append(request)
            channels = [{"name": name, "product_ids": request["product_ids"]} for name in request["channels"]]
            await connection.send(json.dumps({"type": "subscriptions", "channels": channels}))
            for frame in self.scripts[number] if number < len(self.scripts) else []:
                await connection.send(frame if isinstance(frame, str) else json.dumps(frame))
            if number in self.drop_after:
                connection.transport.abort()
            await connection.wait_closed()
        except ConnectionClosed:
            return
