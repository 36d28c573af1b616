"""Server-sent events: the same messages over plain HTTP, for one set of subscriptions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from api.errors import InvalidRequestError, NotFoundError
from api.live.access import check_room
from api.live.client import Client
from api.live.feeds import LiveFeeds
from api.live.messages import Subscribed, reply
from api.live.requests import check_count, check_interval
from api.live.subscriptions import no_such_symbol
from api.live.topics import CHANNELS, Channel, topics

router = APIRouter()

RETRY_MILLISECONDS = 3_000
STILL_HERE_SECONDS = 15.0
STILL_HERE = b": still here\n\n"
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class EventStream(StreamingResponse):
    """The answer to one client, which is forgotten when it ends, also before its first event."""

    def __init__(self, client: Client, feeds: LiveFeeds) -> None:
        super().__init__(_events(client, feeds), media_type="text/event-stream", headers=HEADERS)
        self._client = client
        self._feeds = feeds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send events until the client leaves or the server ends."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._feeds.hub.leave(self._client)


# It never ends, which the description of an endpoint cannot say: docs/live.md does.
@router.get("/stream", include_in_schema=False)
async def stream(
    request: Request,
    symbols: Annotated[str, Query(min_length=1, max_length=40_000)],
    channels: Annotated[str, Query(max_length=100)] = ",".join(CHANNELS),
    interval: str = "1m",
) -> StreamingResponse:
    """Send what is followed as server-sent events, until the client leaves."""
    feeds: LiveFeeds = request.app.state.live
    wanted = _parts(symbols)
    chosen = _channels(channels)
    check_interval(interval)
    check_count(len(wanted))
    unknown = await feeds.symbols.unknown(wanted)
    if unknown:
        raise NotFoundError(no_such_symbol(unknown))
    check_room(feeds.hub)
    client = feeds.hub.join("sse")
    client.answer(reply(Subscribed(wanted, chosen, interval if "candles" in chosen else None)))
    feeds.hub.subscribe(client, topics(wanted, chosen, interval))
    return EventStream(client, feeds)


async def _events(client: Client, feeds: LiveFeeds) -> AsyncIterator[bytes]:
    yield b"retry: %d\n\n" % RETRY_MILLISECONDS
    while not client.is_ended:
        try:
            async with asyncio.timeout(STILL_HERE_SECONDS):
                await client.wake.wait()
        except TimeoutError:
            yield STILL_HERE
        client.wake.clear()
        while batch := client.take():
            yield b"".join([message.event for message in batch])
            feeds.hub.note_sent(client, batch)


def _parts(text: str) -> tuple[str, ...]:
    parts = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not parts:
        raise InvalidRequestError("symbols: none is named: write them as BTC-USD,ETH-USD.")
    return parts


def _channels(text: str) -> tuple[Channel, ...]:
    wanted = _parts(text)
    unknown = [name for name in wanted if name not in CHANNELS]
    if unknown:
        raise InvalidRequestError(
            f"channels: there is no {', '.join(unknown)}: choose among {', '.join(CHANNELS)}."
        )
    return tuple(channel for channel in CHANNELS if channel in wanted)
