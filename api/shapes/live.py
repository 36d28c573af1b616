"""How the live feeds are, as it is answered."""

from __future__ import annotations

import msgspec


class ChannelStatus(msgspec.Struct, frozen=True):
    """Whether a channel is up to date, and how many topics of it are followed."""

    channel: str
    state: str
    detail: str
    followed: int


class Delay(msgspec.Struct, frozen=True):
    """Milliseconds from the receipt of what is sent, from the broker or the database, to sending it."""

    p50: float
    p99: float
    max: float


class LiveStatus(msgspec.Struct, frozen=True):
    """The live feeds of this process; counts are since its start.

    `conflated` messages gave way to a newer one before a client was ready for them; `dropped` final candles
    and alerts are lost to a client that was too slow, which was told; `waiting` are those not taken yet.
    `delay` is of the last 10,000 writes.
    """

    clients: int
    waiting: int
    websocket_clients: int
    sse_clients: int
    max_clients: int
    sent: int
    conflated: int
    dropped: int
    stream_messages: int
    stream_events: int
    unreadable_events: int
    symbols_seen: int
    channels: list[ChannelStatus]
    delay: Delay | None
