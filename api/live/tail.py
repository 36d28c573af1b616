"""Reads the ends of the stream queues, and gives the hub what comes."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress

from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from aio_pika.exceptions import CONNECTION_EXCEPTIONS
from tenacity import AsyncRetrying, retry_if_exception_type, wait_exponential_jitter

from api.live.hub import Hub
from api.live.ticks import decode
from producer.broker import BrokerAddress, connection_fault, first_of_group, until_closed
from producer.sharding import event_queue

logger = logging.getLogger(__name__)

# What the broker sends ahead of acknowledgements, a shard; several are acknowledged at once.
PREFETCH_MESSAGES = 200
ACKNOWLEDGE_EVERY = 50
RECONNECT_INITIAL_SECONDS = 0.2
RECONNECT_MAX_SECONDS = 10.0
CLOSE_TIMEOUT_SECONDS = 5.0


class StreamTail:
    """Follows every shard from now on; what came while the broker was away is not made up for."""

    def __init__(self, address: BrokerAddress, shards: int, hub: Hub) -> None:
        self._address = address
        self._shards = shards
        self._hub = hub
        self._unacknowledged = 0
        self.messages = 0
        self.events = 0
        self.unreadable = 0
        self.is_live = False
        self.detail = "Not connected yet."

    async def run(self) -> None:
        """Connect, read, and connect again after a growing pause; never returns."""
        backoff = wait_exponential_jitter(multiplier=RECONNECT_INITIAL_SECONDS, max=RECONNECT_MAX_SECONDS)
        while True:
            async for attempt in AsyncRetrying(wait=backoff, retry=retry_if_exception_type(_NeverLiveError)):
                with attempt:
                    await self._attempt()
            await asyncio.sleep(RECONNECT_INITIAL_SECONDS)

    async def _attempt(self) -> None:
        """Hold one session to its end; raises where it never came about, so that the pause grows."""
        try:
            await self._session()
        except* CONNECTION_EXCEPTIONS as errors:
            fault = connection_fault(first_of_group(errors), self._address.user)
            was_live = self.is_live
            self._set_state(False, f"{self._address!r}: {fault}.")
        if not was_live:
            raise _NeverLiveError

    async def _session(self) -> None:
        connection = await self._address.connect()
        try:
            channel = await connection.channel()
            await channel.set_qos(prefetch_count=PREFETCH_MESSAGES)
            self._unacknowledged = 0
            for shard in range(self._shards):
                await self._consume(channel, event_queue(shard))
            self._set_state(True, f"Connected to {self._address!r}.")
            await until_closed(channel)
        finally:
            with suppress(*CONNECTION_EXCEPTIONS):
                async with asyncio.timeout(CLOSE_TIMEOUT_SECONDS):
                    await connection.close()

    async def _consume(self, channel: AbstractChannel, name: str) -> None:
        # This user may not declare, and a stream that is missing refuses the consumer.
        queue = await channel.get_queue(name, ensure=False)
        await queue.consume(self._read, arguments={"x-stream-offset": "next"})

    async def _read(self, message: AbstractIncomingMessage) -> None:
        received = time.monotonic()
        decoded = decode(message.body)
        self.messages += 1
        self.events += len(decoded.events)
        self.unreadable += decoded.unreadable
        self._hub.publish_events(decoded.events, received)
        self._unacknowledged += 1
        if self._unacknowledged >= ACKNOWLEDGE_EVERY:
            self._unacknowledged = 0
            # A connection that has just been lost is told of by the session.
            with suppress(*CONNECTION_EXCEPTIONS):
                await message.ack(multiple=True)

    def _set_state(self, is_live: bool, detail: str) -> None:
        if (is_live, detail) != (self.is_live, self.detail):
            logger.log(logging.INFO if is_live else logging.WARNING, "ticks: %s", detail)
        self.is_live, self.detail = is_live, detail
        if is_live:
            self._hub.set_feed("ticks", "live", "Ticks come as the broker has them.")
        else:
            self._hub.set_feed("ticks", "stale", "The broker is away: ticks come again when it is back.")


class _NeverLiveError(Exception):
    """A session ended before all shards were followed: the next one waits longer."""
