"""How the live feeds are: who is connected, what was sent, and how old it was when it was sent."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from fastapi import APIRouter, Request, Response

from api.live.feeds import LiveFeeds
from api.live.messages import FeedState
from api.live.topics import CHANNELS
from api.rest.describing import answers
from api.rest.replies import RepliesDep

router = APIRouter(tags=["live"])


class ChannelStatus(msgspec.Struct, frozen=True):
    """Whether a channel is up to date, and how many topics of it are followed."""

    channel: str
    state: FeedState
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


def live_status(feeds: LiveFeeds) -> LiveStatus:
    """Return how everything is at this moment."""
    hub = feeds.hub
    websockets = sum(client.kind == "websocket" for client in hub.clients)
    channels = []
    for channel in CHANNELS:
        feed = hub.feeds[channel]
        channels.append(ChannelStatus(channel, feed.state, feed.detail, len(hub.followed(channel))))
    return LiveStatus(
        clients=len(hub.clients),
        waiting=sum(len(client.outbox) for client in hub.clients),
        websocket_clients=websockets,
        sse_clients=len(hub.clients) - websockets,
        max_clients=hub.max_clients,
        sent=hub.sent.total(),
        conflated=hub.conflated,
        dropped=hub.dropped,
        stream_messages=feeds.tail.messages,
        stream_events=feeds.tail.events,
        unreadable_events=feeds.tail.unreadable,
        symbols_seen=len(hub.ticks),
        channels=channels,
        delay=_delay(sorted(hub.lags)),
    )


@router.get("/live", responses=answers(LiveStatus))
async def live(request: Request, replies: RepliesDep) -> Response:
    """Show how the live feeds are: clients, what was sent, conflated and dropped, and the delay."""
    return replies.one(live_status(request.app.state.live))


def _delay(seconds: Sequence[float]) -> Delay | None:
    if not seconds:
        return None
    at = [seconds[min(len(seconds) - 1, int(len(seconds) * share))] for share in (0.5, 0.99, 1.0)]
    return Delay(*(round(value * 1_000, 1) for value in at))
