"""Uvicorn's server, made for connections that last."""

from __future__ import annotations

import socket
from typing import Any

import uvicorn
from fastapi import FastAPI

from api.live.feeds import LiveFeeds
from api.live.transport import LiveWebSocketProtocol

MESSAGE_BYTES = 65_536
PING_SECONDS = 20.0


class LiveServer(uvicorn.Server):
    """Serves an application; when it ends, streams of events end first, which would else hold it up."""

    def __init__(self, app: FastAPI, **options: Any) -> None:
        chosen: dict[str, Any] = {
            "ws": LiveWebSocketProtocol,
            "ws_max_size": MESSAGE_BYTES,
            "ws_ping_interval": PING_SECONDS,
            "ws_ping_timeout": PING_SECONDS,
            "ws_per_message_deflate": False,
            "log_config": None,
            "access_log": False,
        }
        super().__init__(uvicorn.Config(app, **chosen | options))
        self._app = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more clients, and let those go that there are."""
        feeds: LiveFeeds | None = getattr(self._app.state, "live", None)
        if feeds is not None:
            feeds.hub.end_clients()
        await super().shutdown(sockets)
