"""The endpoints of the live feeds."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.routing import WebSocketRoute

from api.live import sse, status
from api.live.websocket import LiveWebSocket
from api.security import reading
from api.settings import ApiSettings

PATH = "/ws"


def live_router(settings: ApiSettings, prefix: str) -> APIRouter:
    """Return the WebSocket, and below the prefix the server-sent events and the status."""
    router = APIRouter()
    router.routes.append(WebSocketRoute(PATH, LiveWebSocket()))
    for part in (sse.router, status.router):
        router.include_router(part, prefix=prefix, dependencies=reading(settings))
    return router
