"""What clients are sent: each message is encoded once, whoever receives it.

A message is a JSON object with a `type`. Times are RFC 3339 in UTC, decimals are strings of plain digits.
"""

from __future__ import annotations

import time
from collections.abc import Hashable
from datetime import datetime
from functools import cached_property
from typing import Literal

import msgspec
from websockets.frames import Frame, Opcode

from api.live.topics import Channel

FeedState = Literal["live", "stale", "break"]


class Tick(msgspec.Struct, frozen=True, tag_field="type", tag="tick"):
    """The newest trade or quote of a symbol; `event_time` is the venue's clock, `ingest_time` ours."""

    symbol: str
    event_time: datetime
    ingest_time: datetime
    price: str | None
    size: str | None
    bid: str | None
    ask: str | None
    kind: str
    source: str


class Candle(msgspec.Struct, frozen=True, tag_field="type", tag="candle"):
    """A candle as the REST API has it."""

    symbol: str
    interval: str
    bucket_start: datetime
    open: str
    high: str
    low: str
    close: str
    volume: str
    vwap: str | None
    trade_count: int
    is_final: bool
    is_partial: bool
    revision: int
    origin: str
    source: str


class Alert(msgspec.Struct, frozen=True, tag_field="type", tag="alert"):
    """A rule that fired, at the market's `event_time`."""

    rule_id: int
    symbol: str
    event_time: datetime
    message: str
    value: float | None


class Feed(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="feed"):
    """Whether a channel is up to date; or, with a symbol, that trades of it may be missing."""

    channel: Channel
    state: FeedState
    detail: str
    symbol: str | None = None
    event_time: datetime | None = None


class Subscribed(msgspec.Struct, frozen=True, tag_field="type", tag="subscribed"):
    """What was subscribed to; `interval` is that of the candles, null without them."""

    symbols: tuple[str, ...]
    channels: tuple[Channel, ...]
    interval: str | None


class Unsubscribed(msgspec.Struct, frozen=True, tag_field="type", tag="unsubscribed"):
    """What is no longer sent."""

    symbols: tuple[str, ...]
    channels: tuple[Channel, ...]
    interval: str | None


class Pong(msgspec.Struct, frozen=True, tag_field="type", tag="pong"):
    """The answer to a ping, with the time of the server."""

    time: datetime


class Error(msgspec.Struct, frozen=True, tag_field="type", tag="error"):
    """What was not done, why, and the way out; the connection stays open."""

    title: str
    detail: str


Body = Tick | Candle | Alert | Feed | Subscribed | Unsubscribed | Pong | Error

_encoder = msgspec.json.Encoder()


class Message:
    """An object on its way to any number of clients.

    `key` is what it is the newest value of: a client that is behind gets the newest of each key alone. A
    `lasting` message is a value of its own, and waits for the client beside others. `ends` names the key
    whose waiting message, unless of a later `moment`, has nothing more to say once this one waits.
    """

    def __init__(
        self,
        body: Body,
        key: Hashable,
        *,
        lasting: bool = False,
        moment: datetime | None = None,
        ends: Hashable | None = None,
        born: float | None = None,
    ) -> None:
        self.body = body
        self.key = key
        self.lasting = lasting
        self.moment = moment
        self.ends = ends
        self.born = time.monotonic() if born is None else born

    def is_later_than(self, other: Message) -> bool:
        """Whether it tells of a later moment; one that tells of none is later than no other."""
        return self.moment is not None and other.moment is not None and self.moment > other.moment

    @cached_property
    def json(self) -> bytes:
        """The object as JSON."""
        return _encoder.encode(self.body)

    @cached_property
    def frame(self) -> bytes:
        """The object as a WebSocket text frame, as a server sends it: unmasked, not compressed."""
        return Frame(Opcode.TEXT, self.json).serialize(mask=False)

    @cached_property
    def event(self) -> bytes:
        """The object as a server-sent event, named by its type."""
        name = self.body.__struct_config__.tag
        return b"event: %b\ndata: %b\n\n" % (str(name).encode(), self.json)


def candle_message(candle: Candle, born: float | None = None) -> Message:
    """Carry a candle: an unfinished one gives way to the next, a final one does not."""
    unfinished = ("candle", candle.symbol, candle.interval)
    if not candle.is_final:
        return Message(candle, unfinished, moment=candle.bucket_start, born=born)
    key = (*unfinished, candle.bucket_start)
    return Message(candle, key, lasting=True, moment=candle.bucket_start, ends=unfinished, born=born)


def alert_message(alert: Alert) -> Message:
    """Carry an alert, which never gives way to another."""
    return Message(alert, ("alert", alert.rule_id, alert.symbol, alert.event_time), lasting=True)


def feed_message(feed: Feed) -> Message:
    """Carry the state of a channel, or of a symbol in it."""
    return Message(feed, ("feed", feed.channel, feed.symbol))


def reply(body: Subscribed | Unsubscribed | Pong | Error) -> Message:
    """Carry what answers one request of one client."""
    return Message(body, object())
