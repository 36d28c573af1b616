"""A loopback HTTP server that answers as a provider does: status, content type and text to the letter."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Self
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Answer:
    """What the server sends back."""

    text: str
    status: int = 200
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """What the server was asked: a path, its parameters and headers; `target` is path and query as sent."""

    path: str
    parameters: dict[str, str]
    headers: Mapping[str, str] = field(default_factory=dict, compare=False)
    target: str = field(default="", compare=False)


class AnswerServer:
    """Answers each question with what the function returns, and remembers the questions."""

    def __init__(self, answer: Callable[[Question], Answer]) -> None:
        self._answer_of = answer
        self._server: asyncio.Server | None = None
        self.questions: list[Question] = []
        self.url = ""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._converse, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            writer.close()  # somebody has only looked whether it is there
            return
        line, *lines = request.decode().strip().splitlines()
        target = line.split(" ")[1]
        address = urlsplit(target)
        headers = dict(header.split(": ", 1) for header in lines)
        parameters = {name: values[0] for name, values in parse_qs(address.query).items()}
        question = Question(address.path, parameters, headers, target)
        self.questions.append(question)
        answer = self._answer_of(question)
        body = answer.text.encode()
        head = {
            "Content-Type": answer.content_type,
            "Content-Length": str(len(body)),
            "Connection": "close",
            **answer.headers,
        }
        lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in head.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()
