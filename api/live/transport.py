"""The WebSocket connections of uvicorn, with what a thousand clients on one core need.

What is the same for all clients is framed once, and several frames are one write. Little is buffered for a
client that does not read, here or in the kernel, so that it finds the newest values when it reads again.
"""

from __future__ import annotations

import asyncio
import socket
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State

if TYPE_CHECKING:
    from asyncio.transports import BaseTransport

    from uvicorn._types import ASGISendEvent
    from websockets.http11 import Request

FRAMES = "candlewick.frames"
UNSENT_BYTES = 65_536


class LiveWebSocketProtocol(WebSocketsSansIOProtocol):
    """Takes frames that are ready, as messages of the type `FRAMES` with the bytes under `frames`."""

    def connection_made(self, transport: BaseTransport) -> None:
        """Bound what is buffered for the client."""
        super().connection_made(transport)
        stream = cast(asyncio.Transport, transport)
        stream.set_write_buffer_limits(high=UNSENT_BYTES)
        connection = stream.get_extra_info("socket")
        if connection is not None and connection.family in {socket.AF_INET, socket.AF_INET6}:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)

    def handle_connect(self, event: Request) -> None:
        """Tell the application that it may send frames."""
        super().handle_connect(event)
        if self.response.status_code == HTTPStatus.SWITCHING_PROTOCOLS:
            self.scope["extensions"][FRAMES] = {}

    def keepalive_timeout(self) -> None:
        """End the connection of a client that answers no pings, whatever it has not read."""
        super().keepalive_timeout()
        # Closing alone would wait for what is buffered to be sent, which it never is.
        self.transport.abort()

    async def send(self, message: ASGISendEvent) -> None:
        """Send what the application says; frames wait until the client has room for them."""
        if message["type"] != FRAMES:
            await super().send(message)
            return
        await self.writable.wait()
        if self.disconnected or self.close_sent or self.conn.state is not State.OPEN:
            raise ClientDisconnected
        self.transport.write(cast(dict[str, Any], message)["frames"])
