"""A connection to the broker that breaks after so many bytes: a crash as a value in the input."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from producer.broker import BrokerAddress


@asynccontextmanager
async def breaking_after(sent_bytes: int, address: BrokerAddress) -> AsyncIterator[BrokerAddress]:
    """Lead to the broker, and reset both sides once the client has sent so many bytes."""
    connections: set[asyncio.Task[None]] = set()

    async def serve(client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        broker, to_broker = await asyncio.open_connection(address.host, address.port)
        back = asyncio.create_task(_forward(broker, to_client))
        try:
            await _forward(client, to_broker, sent_bytes)
        finally:
            back.cancel()
            to_broker.transport.abort()
            to_client.transport.abort()

    def accept(client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        connection = asyncio.ensure_future(serve(client, to_client))
        connections.add(connection)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield replace(address, host="127.0.0.1", port=server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for connection in connections:
            connection.cancel()
        await asyncio.gather(*connections, return_exceptions=True)


async def _forward(
    source: asyncio.StreamReader, target: asyncio.StreamWriter, most: int | None = None
) -> None:
    left = most
    while left is None or left > 0:
        content = await source.read(min(65_536, left or 65_536))
        if not content:
            return
        target.write(content)
        await target.drain()
        if left is not None:
            left -= len(content)
