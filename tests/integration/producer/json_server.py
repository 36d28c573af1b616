"""A loopback HTTP server that answers JSON, and what Coinbase Exchange's REST API would answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass

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


def exchange_answer(path: str) -> object | None:
    """`/time` and the ticker of ABC-USD; every other product is none."""
    answers: dict[str, object] = {
        "/time": {"iso": "2025-03-04T12:30:20.244Z", "epoch": 1741091420.244},
        "/products/ABC-USD/ticker": TICKER,
    }
    return answers.get(path)


@dataclass(frozen=True)
class Refusal:
    """An answer that is no success."""

    status: str
    body: object
    headers: str = ""


NOT_FOUND = Refusal("404 Not Found", {"message": "NotFound"})


class JsonServer:
    """Answers each path, with its query, with what the function returns for it, 404 where that is None."""

    def __init__(self, answer: Callable[[str], object | None]) -> None:
        self._answer_of = answer
        self._server: asyncio.Server | None = None
        self.url = ""

    async def __aenter__(self) -> JsonServer:
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        found = self._answer_of(request.split(b" ")[1].decode())
        answer = NOT_FOUND if found is None else found
        refusal = answer if isinstance(answer, Refusal) else Refusal("200 OK", answer)
        body = json.dumps(refusal.body).encode()
        head = f"HTTP/1.1 {refusal.status}\r\n{refusal.headers}Content-Length: {len(body)}\r\n"
        head += "Connection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()
