"""How the live feeds are: who is connected, what was sent, and how old it was when it was sent."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response

from api.live.feeds import LiveFeeds
from api.live.topics import CHANNELS
from api.rest.describing import answers
from api.rest.replies import RepliesDep
from api.shapes.live import ChannelStatus, Delay, LiveStatus

router = APIRouter(tags=["live"])


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
