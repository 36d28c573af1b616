"""The read API as a real server, in a thread with an event loop of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from api.app import create_app
from api.settings import ApiSettings
from db.settings import DatabaseSettings

START_SECONDS = 60.0


@contextmanager
def served_app(app: FastAPI) -> Iterator[str]:
    """Serve an application for a while; yields the address."""
    config = uvicorn.Config(app, port=0, log_config=None, lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="read API", daemon=True)
    thread.start()
    deadline = time.monotonic() + START_SECONDS
    while not server.started:
        assert thread.is_alive(), "the read API did not start"
        assert time.monotonic() < deadline, "the read API did not start in time"
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(START_SECONDS)


@contextmanager
def served(settings: ApiSettings, database: DatabaseSettings) -> Iterator[str]:
    """Serve the read API for a while; yields the address."""
    with served_app(create_app(settings, database)) as address:
        yield address
