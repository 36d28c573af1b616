"""Looks into PostgreSQL again and again, and tells the followers of a channel when it cannot."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from api.errors import ApiError
from api.live.hub import Hub
from api.live.topics import Channel

logger = logging.getLogger(__name__)

PAUSE_AFTER_FAILURE_SECONDS = 1.0


async def keep_looking(
    hub: Hub, channel: Channel, look: Callable[[], Awaitable[None]], every_seconds: float
) -> None:
    """Look, pause and look again; never returns. A look that fails makes the channel stale."""
    while True:
        try:
            await look()
        except ApiError as error:
            if hub.feeds[channel].state == "live":
                logger.warning("%s: %s", channel, error)
            hub.set_feed(channel, "stale", f"{error.title}: {channel} come again when it is back.")
            await asyncio.sleep(PAUSE_AFTER_FAILURE_SECONDS)
        else:
            hub.set_feed(channel, "live", f"{channel.capitalize()} come as the database has them.")
            await asyncio.sleep(every_seconds)
