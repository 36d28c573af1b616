"""A server is reached by a connection, and asked nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from producer.reachability import why_unreachable


@dataclass
class Listener:
    """Takes connections, and keeps what comes over each of them."""

    port: int = 0
    heard: list[bytes] = field(default_factory=list)

    async def listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heard.append(await reader.read())
        writer.close()
        await writer.wait_closed()


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    listener = Listener()
    server = await asyncio.start_server(listener.listen, "127.0.0.1", 0)
    listener.port = server.sockets[0].getsockname()[1]
    yield listener
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize("scheme", ["http", "ws"])
async def test_who_listens_is_reached_and_asked_nothing(listener: Listener, scheme: str) -> None:
    assert await why_unreachable(f"{scheme}://127.0.0.1:{listener.port}/v2?token=none") is None
    async with asyncio.timeout(10):
        while not listener.heard:
            await asyncio.sleep(0)
    assert listener.heard == [b""]


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("http://127.0.0.1:1", "Connect call failed"),
        ("wss://nowhere.invalid/stream", "Name or service not known|Temporary failure in name resolution"),
        ("nowhere", "it is no address of a server"),
        ("ftp://127.0.0.1", "it is no address of a server"),
    ],
)
async def test_who_is_not_there_is_told_why(
    address: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "*")
    said = await why_unreachable(address)
    assert said is not None
    assert any(part in said for part in reason.split("|"))


async def test_who_does_not_speak_tls_where_the_address_has_it_is_not_reached(listener: Listener) -> None:
    said = await why_unreachable(f"https://127.0.0.1:{listener.port}")
    assert said is not None


async def test_where_there_is_a_proxy_it_is_what_is_connected_to(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{listener.port}")
    monkeypatch.setenv("no_proxy", "")
    assert await why_unreachable("wss://nowhere.invalid/stream") is None
