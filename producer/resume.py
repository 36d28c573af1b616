"""How far an earlier run of a source got: asked of PostgreSQL, and of the streams themselves.

PostgreSQL follows the streams, so it alone cannot say what was already published. The streams can: a
marker is published to each, and what lies between a time and the marker is read back.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

import aio_pika
import msgspec
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage
from aio_pika.exceptions import CONNECTION_EXCEPTIONS
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_exponential_jitter

from producer.broker import BrokerAddress, until_closed
from producer.database import DATABASE_ERRORS, Database
from producer.events import (
    MICROSECONDS_PER_MINUTE,
    MICROSECONDS_PER_SECOND,
    clock_micros,
    decode_events,
    encode_events,
    heartbeat,
    to_datetime,
)
from producer.publisher import Publisher
from producer.sharding import event_queue, shard_of

logger = logging.getLogger(__name__)

SCAN_TIMEOUT_SECONDS = 120.0
PREFETCH_MESSAGES = 500
RETRY_INITIAL_SECONDS = 0.2
RETRY_MAX_SECONDS = 10.0


class PublishedBefore:
    """Answers feeds that want to go on where an earlier run stopped."""

    def __init__(self, address: BrokerAddress, shards: int, publisher: Publisher, database: Database) -> None:
        self._address = address
        self._shards = shards
        self._publisher = publisher
        self._database = database

    async def stored(self, symbols: Sequence[str]) -> dict[str, int]:
        """Return the newest event time in PostgreSQL by symbol; empty, with a log line, when it is away."""
        try:
            return await self._database.newest_times(symbols)
        except DATABASE_ERRORS as error:
            logger.warning("The database cannot say how far %s got: %s", ", ".join(symbols), error)
            return {}

    async def streamed(self, source: str, symbols: Sequence[str], since: int) -> dict[str, int]:
        """Return up to when a source published each symbol since a time; waits for the broker."""
        # A feed that was stopped a moment ago may have events on their way.
        await self._publisher.settle()
        async for attempt in AsyncRetrying(
            wait=wait_exponential_jitter(multiplier=RETRY_INITIAL_SECONDS, max=RETRY_MAX_SECONDS),
            retry=retry_if_exception_type(CONNECTION_EXCEPTIONS),
            before_sleep=_note_retry,
        ):
            with attempt:
                async with await self._address.connect() as connection:
                    return await self._scan_shards(connection, source, symbols, since)
        raise AssertionError("retries without end")

    async def _scan_shards(
        self, connection: AbstractConnection, source: str, symbols: Sequence[str], since: int
    ) -> dict[str, int]:
        shards = sorted({shard_of(symbol, self._shards) for symbol in symbols})
        # A restart finds its own traces in the last minute; only a longer absence is worth the long way.
        recent = max(since, clock_micros() - MICROSECONDS_PER_MINUTE)
        newest: dict[int, int] = {}
        for shard in shards:
            time = await _newest_in(connection, shard, source, recent, since)
            if time is None and recent > since:
                time = await _newest_in(connection, shard, source, since, since)
            if time is not None:
                newest[shard] = time
        by_symbol = {symbol: newest.get(shard_of(symbol, self._shards)) for symbol in symbols}
        return {symbol: time for symbol, time in by_symbol.items() if time is not None}


async def _newest_in(
    connection: AbstractConnection, shard: int, source: str, published_since: int, marker_time: int
) -> int | None:
    """Read a shard from a time of publishing to its end; return the source's newest event time."""
    queue_name = event_queue(shard)
    newest: int | None = None
    marker_id = uuid4().hex
    at_end = asyncio.Event()

    async def read(message: AbstractIncomingMessage) -> None:
        nonlocal newest
        await message.ack()
        if message.message_id == marker_id:
            at_end.set()
            return
        try:
            events = decode_events(message.body)
        except msgspec.DecodeError:
            return  # someone else's message: the job will tell of it
        for event in events:
            # Nothing up to the marker's time counts, so that earlier markers are no traces.
            if event.source == source and event.kind != "break" and event.event_time > marker_time:
                newest = max(event.event_time, newest or 0)

    channel = await connection.channel(on_return_raises=True)
    async with channel:
        # The marker is an opening heartbeat of the time from which the feed may publish.
        await _publish_marker(channel, queue_name, source, marker_time, marker_id)
        await channel.set_qos(prefetch_count=PREFETCH_MESSAGES)
        queue = await channel.get_queue(queue_name, ensure=False)
        await queue.consume(read, arguments={"x-stream-offset": _whole_second(published_since)})
        lost = asyncio.create_task(until_closed(channel))
        end = asyncio.create_task(at_end.wait())
        try:
            async with asyncio.timeout(SCAN_TIMEOUT_SECONDS):
                await asyncio.wait({lost, end}, return_when=asyncio.FIRST_COMPLETED)
            if not end.done():
                await lost
        finally:
            lost.cancel()
            end.cancel()
    return newest


async def _publish_marker(
    channel: AbstractChannel, queue: str, source: str, event_time: int, message_id: str
) -> None:
    message = aio_pika.Message(
        encode_events([heartbeat(source, event_time, clock_micros())]),
        message_id=message_id,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        content_type="application/json",
    )
    await channel.default_exchange.publish(message, queue, mandatory=True)


def _whole_second(micros: int) -> datetime:
    return to_datetime(micros - micros % MICROSECONDS_PER_SECOND)


def _note_retry(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    logger.warning("The streams cannot be read yet (%s); trying again in %.1f s", error, state.upcoming_sleep)
