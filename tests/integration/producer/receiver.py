"""Who alerts are sent to: a loopback webhook receiver and a loopback SMTP server, each with its moods."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from producer.cancellation import cancelled

HANG = b""
DRIP_SECONDS = 0.01


def answer(status: str, headers: str = "", body: str = "") -> bytes:
    """An HTTP answer to the letter."""
    head = f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return (head + body).encode()


OK = answer("204 No Content")
FAILED = answer("500 Internal Server Error")


@dataclass(frozen=True)
class Posted:
    """What a webhook was sent."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)


class Receiver:
    """Answers each POST with what the function returns, `HANG` with nothing; remembers what was posted."""

    def __init__(self, answer_to: Callable[[Posted], bytes] = lambda _: OK) -> None:
        self.answer_to = answer_to
        self.posted: list[Posted] = []
        self.more = b""  # what follows an answer, again and again, for as long as somebody listens
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.url = ""
        self._server: asyncio.Server | None = None
        self.conversations: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Receiver:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for conversation in list(self.conversations):
            await cancelled(conversation)
        await self._server.wait_closed()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        conversation = asyncio.create_task(self._converse(reader, writer))
        self.conversations.add(conversation)
        conversation.add_done_callback(self.conversations.discard)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                posted = await _read(reader)
                self.posted.append(posted)
                said = self.answer_to(posted)
                await self.may_answer.wait()
                if said == HANG:
                    await reader.read()  # until the client has had enough
                while said:
                    writer.write(said)
                    await writer.drain()
                    said = self.more
                    await asyncio.sleep(DRIP_SECONDS if said else 0)
        finally:
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Posted:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
    body = await reader.readexactly(int(headers["content-length"]))
    return Posted(head[0].split(" ")[1], headers, body)


@dataclass
class Mailbox:
    """An SMTP server that keeps what it accepts; `refusal` is what it says to each recipient instead."""

    host: str = "127.0.0.1"
    port: int = 0
    refusal: str | None = None
    mails: list[EmailMessage] = field(default_factory=list)
    logins: list[bytes] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 -- the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refusal is None:
            envelope.rcpt_tos.append(address)
        return self.refusal or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"

    def authenticated(
        self, server: SMTP, session: Session, envelope: Envelope, how: str, what: Any
    ) -> AuthResult:
        assert isinstance(what, LoginPassword)
        self.logins.append(what.login)
        return AuthResult(success=what.password == b"sesame", handled=False)


@asynccontextmanager
async def mailbox(tls: ssl.SSLContext | None = None) -> AsyncIterator[Mailbox]:
    """Listen for e-mails; with a certificate STARTTLS is offered, and behind it a log-in is wanted."""
    box = Mailbox()
    loop = asyncio.get_running_loop()

    def converse() -> SMTP:
        return SMTP(
            box,
            hostname="localhost",
            loop=loop,
            tls_context=tls,
            auth_required=tls is not None,
            auth_require_tls=True,
            authenticator=box.authenticated,
        )

    server = await loop.create_server(converse, box.host, 0)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
        await server.wait_closed()
