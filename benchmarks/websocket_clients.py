"""WebSocket clients by the hundreds in one process, which do as little as they can while they are measured.

A client notes when bytes came, and nothing else: what they say is read when all is over. So what is measured
is the server, not how fast Python reads JSON.
"""

import json
import random
import select
import socket
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from multiprocessing.connection import Connection

import msgspec
import numpy as np
from websockets.frames import Frame, Opcode

SHORT_LENGTH = 126
RECEIVE_BYTES = 65_536
STOPPED_EVERY_SECONDS = 0.1
CONNECT_SECONDS = 60
PING = b"\x89\x04"
"""How the server's pings begin. Text is ASCII, so that these bytes are nowhere else in what it sends."""
HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


class _Told(msgspec.Struct):
    type: str
    ingest_time: datetime | None = None


_decoder = msgspec.json.Decoder(_Told)


class LiveClient:
    """Subscribes to ticks of symbols; keeps what comes, each part with when it came."""

    def __init__(self, port: int, symbols: Sequence[str]) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), CONNECT_SECONDS)
        self._parts: list[tuple[float, bytes]] = []
        self._socket.sendall(HANDSHAKE)
        head, _, self._rest = self._received_until(b"", b"\r\n\r\n").partition(b"\r\n\r\n")
        if b" 101 " not in head:
            raise ConnectionError((head + self._rest).decode())
        request = {"op": "subscribe", "symbols": symbols, "channels": ["ticks"]}
        self._send(Opcode.TEXT, json.dumps(request).encode())
        self._rest = self._received_until(self._rest, b'"subscribed"')

    def fileno(self) -> int:
        """Return the number by which the operating system tells that something came."""
        return self._socket.fileno()

    def receive(self) -> None:
        """Keep what came, and answer a ping."""
        data = self._socket.recv(RECEIVE_BYTES)
        self._parts.append((time.time(), data))
        if PING in data:
            payload = data.index(PING) + len(PING)
            self._send(Opcode.PONG, data[payload : payload + 4])
        elif not data:
            raise ConnectionError("the server ended the connection of a client")

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def ticks(self) -> Iterator[tuple[float, float]]:
        """Read what came: when each tick did, and how many seconds after its event was published."""
        data = self._rest
        for came, part in self._parts:
            data += part
            begin = 0
            while (frame := _frame(data, begin)) is not None:
                opcode, payload, begin = frame
                if opcode == Opcode.TEXT and (published := _decoder.decode(payload).ingest_time) is not None:
                    yield came, came - published.timestamp()
            data = data[begin:]

    def _received_until(self, data: bytes, end: bytes) -> bytes:
        while end not in data:
            part = self._socket.recv(RECEIVE_BYTES)
            if not part:
                raise ConnectionError(data.decode())
            data += part
        return data

    def _send(self, opcode: Opcode, payload: bytes) -> None:
        self._socket.sendall(Frame(opcode, payload).serialize(mask=True))


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
    chance = random.Random(seed)  # noqa: S311
    connected = [LiveClient(port, chance.sample(symbols, each)) for _ in range(clients)]
    parent.send("ready")
    _receive_until_told(connected, parent)
    for client in connected:
        client.close()
    seen = [tick for client in connected for tick in client.ticks()]
    parent.send(np.array(seen, dtype=np.float64).reshape(-1, 2))


def _receive_until_told(clients: Sequence[LiveClient], parent: Connection) -> None:
    by_number = {client.fileno(): client for client in clients}
    with select.epoll() as waiting:
        for number in by_number:
            waiting.register(number, select.EPOLLIN)
        while not parent.poll():
            for number, _ in waiting.poll(STOPPED_EVERY_SECONDS):
                by_number[number].receive()
    parent.recv()
