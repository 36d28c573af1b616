"""A loopback HTTP server with the two endpoints of Coinbase Exchange that the producer asks."""

from __future__ import annotations

import asyncio
import json

TICKER = {
    "ask": "101.2600",
    "bid": "101.2400",
    "volume": "12345.67800000",
    "trade_id": 86326522,
    "price": "101.2500",
    "size": "0.20063227",
    "time": "2025-03-04T12:30:20.244075Z",
    "rfq_volume": "12.5",
}


class Exchange:
    """Answers `/time` and the ticker of ABC-USD; every other product is none."""

    def __init__(self) -> None:
        self._server: asyncio.Server | None = None
        self.url = ""

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        path = request.split(b" ")[1].decode()
        answers: dict[str, dict[str, object]] = {
            "/time": {"iso": "2025-03-04T12:30:20.244Z", "epoch": 1741091420.244},
            "/products/ABC-USD/ticker": {**TICKER},
        }
        status = "200 OK" if path in answers else "404 Not Found"
        body = json.dumps(answers.get(path, {"message": "NotFound"})).encode()
        writer.write(
            f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
            + body
        )
        await writer.drain()
        writer.close()
        await writer.wait_closed()
