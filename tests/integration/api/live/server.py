"""The read API, served by uvicorn as `python -m api` does, and a client of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import FastAPI
from websockets.asyncio.client import ClientConnection, connect

from api.live.feeds import LiveFeeds
from api.live.server import LiveServer
from tests.integration.producer.waiting import WAIT_SECONDS, until

Object = dict[str, Any]


class Follower:
    """A WebSocket client that remembers all it has read."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.objects: list[Object] = []
        self.bytes = 0

    async def ask(self, op: str, **request: object) -> None:
        await self.connection.send(json.dumps({"op": op, **request}))

    async def read(self) -> Object:
        text = await self.connection.recv()
        self.bytes += len(text)
        self.objects.append(json.loads(text))
        return self.objects[-1]

    async def until(self, condition: Callable[[Object], object], what: str) -> Object:
        """Read until an object is as wanted; returns it."""
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                while not condition(read := await self.read()):
                    pass
        except TimeoutError:
            raise AssertionError(f"in vain: {what}; came {self.objects[-5:]}") from None
        return read

    async def until_type(self, kind: str) -> Object:
        return await self.until(lambda found: found["type"] == kind, kind)


@dataclass
class RunningServer:
    """A server that runs, and what it serves."""

    app: FastAPI
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def feeds(self) -> LiveFeeds:
        feeds: LiveFeeds = self.app.state.live
        return feeds

    @asynccontextmanager
    async def follower(self, name: str = "127.0.0.1", **options: Any) -> AsyncIterator[Follower]:
        """A client that knows the server by a name."""
        address = f"ws://{name}:{self.port}/ws"
        async with connect(address, host="127.0.0.1", compression=None, **options) as connection:
            yield Follower(connection)

    async def until_live(self) -> None:
        feeds = self.feeds.hub.feeds
        await until(lambda: {feed.state for feed in feeds.values()} == {"live"}, "all channels are live")

    async def until_followed(self, count: int = 1) -> None:
        await until(lambda: len(self.feeds.hub.followed("ticks")) >= count, "ticks are followed")

    async def status(self) -> Object:
        async with httpx.AsyncClient(base_url=self.url, timeout=WAIT_SECONDS) as client:
            answer: Object = (await client.get("/api/v1/live")).raise_for_status().json()
            return answer


@asynccontextmanager
async def serving(app: FastAPI, options: dict[str, object]) -> AsyncIterator[RunningServer]:
    """Serve an application on a free port, with uvicorn's options of `python -m api` and others."""
    server = LiveServer(app, **{"port": 0, "timeout_graceful_shutdown": 60} | options)
    serving = asyncio.create_task(server.serve(), name="uvicorn")
    try:
        await until(lambda: server.started or serving.done(), "the server has started")
        yield RunningServer(app, server.servers[0].sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        with suppress(asyncio.CancelledError):
            await serving
