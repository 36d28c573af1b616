"""A TCP proxy in front of the broker, to cut the producer off without stopping a shared server."""

from __future__ import annotations

import asyncio
from contextlib import suppress


class Proxy:
    """Forwards bytes until it is told not to; connections that exist when it cuts are reset."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._refusing = False
        self._muted = False
        self.port = 0
        self.bytes_up = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self.cut()
        assert self._server is not None
        self._server.close()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._server.wait_closed()

    def cut(self) -> None:
        """Reset every connection and refuse new ones."""
        self._refusing = True
        for writer in list(self._writers):
            writer.transport.abort()

    def mend(self) -> None:
        """Let connections through again."""
        self._refusing = self._muted = False

    def mute(self) -> None:
        """Keep what the server answers from now on: its confirms do not arrive."""
        self._muted = True

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refusing:
            writer.transport.abort()
            return
        upstream_reader, upstream = await asyncio.open_connection(*self._target)
        if self._refusing:
            # It was cut in the meantime.
            writer.transport.abort()
            upstream.transport.abort()
            return
        self._writers |= {writer, upstream}
        for task in (
            asyncio.create_task(self._pump(reader, upstream, upwards=True)),
            asyncio.create_task(self._pump(upstream_reader, writer, upwards=False)),
        ):
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, upwards: bool
    ) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65_536):
                if self._muted and not upwards:
                    continue
                self.bytes_up += len(data) if upwards else 0
                writer.write(data)
                await writer.drain()
        writer.close()
        self._writers.discard(writer)
        with suppress(ConnectionError):
            await writer.wait_closed()
