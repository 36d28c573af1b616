"""Everything live, for as long as the application serves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from api.database import Database
from api.live import alerts, candles
from api.live.alerts import AlertWatch
from api.live.candles import CandleWatch
from api.live.hub import Hub
from api.live.polling import keep_looking
from api.live.settings import LiveSettings
from api.live.symbols import KnownSymbols
from api.live.tail import StreamTail
from producer.cancellation import cancelled


@dataclass
class LiveFeeds:
    """What the endpoints work with; `app.state.live`."""

    hub: Hub
    symbols: KnownSymbols
    tail: StreamTail


@asynccontextmanager
async def live_feeds(settings: LiveSettings, database: Database) -> AsyncIterator[LiveFeeds]:
    """Follow the broker and the database, whether they are there or not, until the context ends."""
    hub = Hub(settings.api_live_clients)
    feeds = LiveFeeds(hub, KnownSymbols(database), StreamTail(settings.broker, settings.event_shards, hub))
    candle_watch, alert_watch = CandleWatch(database, hub), AlertWatch(database, hub)
    tasks = [
        asyncio.create_task(hub.wake_clients(), name="wake live clients"),
        asyncio.create_task(feeds.tail.run(), name="tail of the streams"),
        asyncio.create_task(
            keep_looking(hub, "candles", candle_watch.look, candles.POLL_SECONDS), name="live candles"
        ),
        asyncio.create_task(
            keep_looking(hub, "alerts", alert_watch.look, alerts.POLL_SECONDS), name="live alerts"
        ),
    ]
    try:
        yield feeds
    finally:
        hub.end_clients()
        for task in tasks:
            await cancelled(task)
