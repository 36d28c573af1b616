"""A loopback WebSocket server that speaks as a venue, one script a connection."""

from __future__ import annotations

import logging
from http import HTTPStatus

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from tests.integration.producer.conformance.dialect import Dialect, Script

# The server's own log holds what it receives, keys included; it is the producer's that must not.
_logger = logging.getLogger(__name__)
_logger.setLevel(logging.CRITICAL)


class Exchange:
    """Plays its scripts in the order of connections; those after the last are held and told nothing."""

    def __init__(self, dialect: Dialect, *scripts: Script, http: tuple[int, str] | None = None) -> None:
        self._dialect = dialect
        self._scripts = scripts
        self._http = http
        self._headers: dict[str, str] = {}
        self._server: Server | None = None
        self.connections = 0
        self.requests = 0
        self.received: list[str | bytes] = []
        self.url = ""

    def answering_with(self, **headers: str) -> Exchange:
        """Add headers to the HTTP answer, underscores standing for hyphens."""
        self._headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return self

    async def __aenter__(self) -> Exchange:
        self._server = await serve(
            self._converse,
            "127.0.0.1",
            0,
            process_request=self._answer_http,
            close_timeout=0.1,
            ping_interval=None,
            logger=_logger,
        )
        self.url = f"ws://127.0.0.1:{next(iter(self._server.sockets)).getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    def _answer_http(self, connection: ServerConnection, _request: Request) -> Response | None:
        self.requests += 1
        answer = self._http
        if answer is None and self._script.wrong_key:
            answer = self._dialect.said_of_wrong_key()
        if answer is None:
            return None
        response = connection.respond(HTTPStatus(answer[0]), answer[1])
        response.headers.update(self._headers)
        return response

    @property
    def _script(self) -> Script:
        return self._scripts[self.connections] if self.connections < len(self._scripts) else Script()

    async def _converse(self, connection: ServerConnection) -> None:
        script = self._script
        self.connections += 1
        try:
            await self._dialect.welcome(connection, script)
            for frame in script.frames:
                await connection.send(frame)
            if script.then == "drop":
                connection.transport.abort()
            elif script.then == "mute":
                connection.transport.pause_reading()
            async for message in connection:
                self.received.append(message)
        except ConnectionClosed:
            return
