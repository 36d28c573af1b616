"""WebSocket clients by the hundreds in one process, which do as little as they can."""

import asyncio
import json
import random
import time
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from multiprocessing.connection import Connection
from typing import cast

import msgspec
import numpy as np
from websockets.frames import Frame, Opcode

SHORT_LENGTH = 126
HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


class _Told(msgspec.Struct):
    type: str
    ingest_time: datetime | None = None


_decoder = msgspec.json.Decoder(_Told)


class LiveClient(asyncio.Protocol):
    """Subscribes to ticks of symbols; notes when each came, and how long after its event was published."""

    def __init__(self, symbols: Sequence[str], seen: list[tuple[float, float]]) -> None:
        self._symbols = symbols
        self._seen = seen
        self._data = b""
        self._is_open = False
        self.subscribed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for a WebSocket."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(HANDSHAKE)

    def data_received(self, data: bytes) -> None:
        """Read the frames that are whole."""
        self._data += data
        if not self._is_open and not self._open():
            return
        now = time.time()
        begin = 0
        while (frame := _frame(self._data, begin)) is not None:
            opcode, payload, begin = frame
            self._read(opcode, payload, now)
        self._data = self._data[begin:]

    def connection_lost(self, exc: Exception | None) -> None:
        """Say so to who waits for the subscription."""
        if not self.subscribed.done():
            self.subscribed.set_exception(exc or ConnectionError(self._data[:500].decode()))

    def _open(self) -> bool:
        head, end, rest = self._data.partition(b"\r\n\r\n")
        if not end or b" 101 " not in head:
            return False
        self._is_open, self._data = True, rest
        request = {"op": "subscribe", "symbols": self._symbols, "channels": ["ticks"]}
        self._send(Opcode.TEXT, json.dumps(request).encode())
        return True

    def _read(self, opcode: int, payload: bytes, now: float) -> None:
        if opcode == Opcode.PING:
            self._send(Opcode.PONG, payload)
        if opcode != Opcode.TEXT:
            return
        told = _decoder.decode(payload)
        if told.ingest_time is not None:
            self._seen.append((now, now - told.ingest_time.timestamp()))
        elif told.type == "subscribed" and not self.subscribed.done():
            self.subscribed.set_result(None)

    def _send(self, opcode: Opcode, payload: bytes) -> None:
        self._transport.write(Frame(opcode, payload).serialize(mask=True))


def _frame(data: bytes, begin: int) -> tuple[int, bytes, int] | None:
    """Return the opcode, the payload and the end of the frame that begins here; None when it is not whole."""
    if len(data) < begin + 4:
        return None
    length, payload = data[begin + 1], begin + 2
    if length == SHORT_LENGTH:
        length, payload = int.from_bytes(data[begin + 2 : begin + 4], "big"), begin + 4
    end = payload + length
    return None if len(data) < end else (data[begin] & 0x0F, data[payload:end], end)


def follow(port: int, clients: int, symbols: Sequence[str], each: int, seed: int, parent: Connection) -> None:
    """Run so many clients, each of some of the symbols at random, until the parent says stop.

    Sends the parent `ready`, and in the end an array with a row for each tick: when it came (seconds since
    the epoch), and how old it was (seconds).
    """
    parent.send(asyncio.run(_follow(port, clients, symbols, each, random.Random(seed), parent)))  # noqa: S311


async def _follow(
    port: int,
    clients: int,
    symbols: Sequence[str],
    each: int,
    chance: random.Random,
    parent: Connection,
) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    loop = asyncio.get_running_loop()
    seen: list[tuple[float, float]] = []
    transports = []
    for _ in range(clients):
        chosen = chance.sample(symbols, each)
        transport, client = await loop.create_connection(partial(LiveClient, chosen, seen), "127.0.0.1", port)
        await client.subscribed
        transports.append(transport)
    parent.send("ready")
    await loop.run_in_executor(None, parent.recv)
    for transport in transports:
        transport.abort()
    return np.array(seen, dtype=np.float64).reshape(-1, 2)
