"""The producer on a port of its own, as programs outside this one reach it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI

from tests.integration.producer.waiting import until


@asynccontextmanager
async def listening(app: FastAPI) -> AsyncIterator[str]:
    """Serve an application; yields its host and port."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="on"))
    serving = asyncio.create_task(server.serve())
    await until(lambda: server.started, "the producer is served")
    yield f"localhost:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving
