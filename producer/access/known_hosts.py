"""Refuses requests, of HTTP and WebSockets alike, that are for another host than this one."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from producer.access.hosts import host_of, is_loopback
from producer.problems import Problems

MISDIRECTED = HTTPStatus.MISDIRECTED_REQUEST
MISDIRECTED_TITLE = "The request is for another host"
LONGEST_TOLD = 200


class KnownHosts:
    """Lets requests through whose `Host` is of the loopback, or one of the names of a setting.

    Starlette's TrustedHostMiddleware does the same, with plain text for an answer.
    """

    def __init__(self, app: ASGIApp, *, names: Sequence[str], setting: str, problems: Problems) -> None:
        self._app = app
        self._names = names
        self._setting = setting
        self._problems = problems

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 421 with a problem, or pass the request on."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        told = connection.headers.getlist("host")
        if len(told) == 1 and self._is_known(host_of(told[0])):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            refusal = self._refusal(connection.url.path, told)
            await WebSocket(scope, receive, send).send_denial_response(refusal)
        else:
            await self._refusal(connection.url.path, told)(scope, receive, send)

    def _is_known(self, host: str) -> bool:
        return is_loopback(host) or host in self._names

    def _refusal(self, path: str, told: Sequence[str]) -> Response:
        detail = (
            f"The header Host is {', '.join(told)[:LONGEST_TOLD]!r}, and on a loopback address this server "
            f"answers to 127.0.0.1, localhost and [::1] alone. A name that a reverse proxy passes on has to "
            f"be in {self._setting}."
        )
        return self._problems.answer(path, MISDIRECTED, MISDIRECTED_TITLE, detail)
