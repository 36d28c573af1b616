"""Who does not answer as the producer does is told in a sentence that names the way out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from producer.api.models import SymbolReport
from producer.cli.client import ask
from producer.errors import ProducerError

SYMBOLS = '[{"symbol":"BTC-USD","provider":"kraken","kind":"live","streaming":true}]'


def answer(body: str, content_type: str = "application/json", status: str = "200 OK") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Connection: close\r\n\r\n{body}".encode()


@dataclass
class Stranger:
    """Listens on a port, and says to each request the same, or nothing until it is left."""

    says: bytes = b""
    is_silent: bool = False
    heard: bytes = b""

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heard = await reader.readuntil(b"\r\n\r\n")
        if self.is_silent:
            await reader.read()
        writer.write(self.says)
        await writer.drain()
        writer.close()
        await writer.wait_closed()


@pytest.fixture(autouse=True)
async def stranger(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stranger]:
    stranger = Stranger()
    server = await asyncio.start_server(stranger.converse, "127.0.0.1", 0)
    monkeypatch.setenv("CANDLEWICK_ENV_FILE", "/dev/null")
    monkeypatch.setenv("PRODUCER_HOST", "127.0.0.1")
    monkeypatch.setenv("PRODUCER_PORT", str(server.sockets[0].getsockname()[1]))
    monkeypatch.setenv("PRODUCER_API_KEY", "sesame")
    yield stranger
    server.close()
    await server.wait_closed()


async def symbols() -> list[SymbolReport]:
    return (await asyncio.to_thread(ask, "GET", "/symbols", list[SymbolReport])).content


async def failure() -> str:
    with pytest.raises(ProducerError) as caught:
        await symbols()
    return caught.value.detail


async def test_the_answer_is_kept_to_the_letter_beside_its_meaning(stranger: Stranger) -> None:
    stranger.says = answer(SYMBOLS)
    found = await asyncio.to_thread(ask, "GET", "/symbols", list[SymbolReport])
    assert (found.body.decode(), found.content[0].symbol) == (SYMBOLS, "BTC-USD")


async def test_the_key_travels_in_the_header(stranger: Stranger) -> None:
    stranger.says = answer(SYMBOLS)
    await symbols()
    assert b"x-api-key: sesame\r\n" in stranger.heard.lower()


async def test_a_proxy_of_the_machine_is_not_asked(
    stranger: Stranger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    stranger.says = answer(SYMBOLS)
    assert len(await symbols()) == 1


async def test_a_problem_is_told_by_its_sentence(stranger: Stranger) -> None:
    body = '{"title":"No","status":404,"detail":"There is no such thing.","instance":"/symbols"}'
    stranger.says = answer(body, "application/problem+json", "404 Not Found")
    assert await failure() == "There is no such thing."


@pytest.mark.parametrize(
    "says",
    [
        answer("<html>It works!</html>", "text/html"),
        answer('{"hello":"world"}'),
        answer('{"oh":"dear"}', "application/problem+json", "500 Internal Server Error"),
    ],
)
async def test_another_service_on_the_port_is_not_taken_for_the_producer(
    stranger: Stranger, says: bytes
) -> None:
    stranger.says = says
    sentence = await failure()
    assert sentence.startswith("What answers at http://127.0.0.1:")
    assert "is no producer of this version" in sentence
    assert "check PRODUCER_HOST and PRODUCER_PORT" in sentence


@pytest.mark.parametrize("says", [b"", b"220 mail ESMTP\r\n"])
async def test_what_speaks_no_http_is_told_with_the_setting_to_look_at(
    stranger: Stranger, says: bytes
) -> None:
    stranger.says = says
    assert "broke off, or speaks no HTTP: check PRODUCER_PORT" in await failure()


@pytest.mark.parametrize(
    ("listens_on", "asked_at"),
    [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::", "[::1]")],  # noqa: S104
)
async def test_where_nobody_answers_the_sentence_says_how_to_start_it(
    monkeypatch: pytest.MonkeyPatch, listens_on: str, asked_at: str
) -> None:
    monkeypatch.setenv("PRODUCER_HOST", listens_on)
    monkeypatch.setenv("PRODUCER_PORT", "1")  # nothing listens on the port of tcpmux
    assert await failure() == f"The producer does not answer at http://{asked_at}:1: make up"


async def test_a_producer_that_takes_too_long_is_told(
    monkeypatch: pytest.MonkeyPatch, stranger: Stranger
) -> None:
    stranger.is_silent = True
    monkeypatch.setattr("producer.cli.client.ANSWER_SECONDS", 0.2)
    assert "did not answer within 0.2 s: make logs PROGRAM=producer" in await failure()


@pytest.mark.parametrize("host", ["x" * 300, "a\x01b"])
async def test_a_host_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("PRODUCER_HOST", host)
    assert "is no host: correct it in the env file" in await failure()


@pytest.mark.parametrize("key", ["new\nline", "blank at the end "])
async def test_a_key_that_no_header_can_carry_is_told_without_its_text(
    monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("PRODUCER_API_KEY", key)
    sentence = await failure()
    assert sentence.startswith("PRODUCER_API_KEY holds a sign")
    assert key not in sentence
    assert key.encode("unicode_escape").decode() not in sentence
