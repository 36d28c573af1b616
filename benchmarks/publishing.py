"""Publishes generated messages into the stream queues: persistent, with confirms, many in flight."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import aio_pika
from aio_pika.abc import AbstractChannel

from benchmarks.market_load import Load, Market, Message, messages
from producer.sharding import event_queue
from producer.topology import Topology

IN_FLIGHT = 64
BATCH_SECONDS = 0.02
"""How much of a live market goes into one round of messages, as the producer's batches do."""


@dataclass
class Published:
    """What the broker has confirmed: how many events, and the exact sum of their sizes."""

    events: int = 0
    volume: Decimal = Decimal(0)


def publish(uri: str, load: Load) -> Published:
    """Declare the queues anew, empty, and publish the whole load as fast as it goes."""
    return asyncio.run(_publish(uri, load, _all(messages(load))))


def publish_live(uri: str, load: Load, events_per_second: int) -> Published:
    """Publish the load at this rate into the queues that are there, stamped with the time of publishing."""
    return asyncio.run(_publish_all(uri, _live(load, events_per_second)))


def declare_anew(uri: str, shards: int) -> None:
    """Make the stream queues empty."""
    asyncio.run(_declare_anew(uri, shards))


async def _publish(uri: str, load: Load, made: AsyncIterator[Message]) -> Published:
    await _declare_anew(uri, load.shards)
    return await _publish_all(uri, made)


async def _declare_anew(uri: str, shards: int) -> None:
    async with await aio_pika.connect(uri) as connection:
        channel = await connection.channel()
        topology = Topology(shards, "7D", 20_000_000_000)
        for queue in topology.event_queues:
            await channel.queue_delete(queue)
        await topology.declare(connection)


async def _all(made: Iterable[Message]) -> AsyncIterator[Message]:
    for message in made:
        yield message


async def _live(load: Load, events_per_second: int) -> AsyncIterator[Message]:
    market = Market(load)
    begin = time.monotonic()
    made = 0
    while made < load.events:
        due = min(load.events, int((time.monotonic() - begin) * events_per_second))
        per_shard = max(1, (due - made) // len(market.shards))
        for shard in market.shards:
            if count := min(per_shard, due - made, load.events_per_message):
                now = int(datetime.now(UTC).timestamp() * 1_000_000)
                yield market.message(shard, [now] * count)
                made += count
        if due - made < len(market.shards):
            await asyncio.sleep(BATCH_SECONDS)


async def _publish_all(uri: str, made: AsyncIterator[Message]) -> Published:
    published = Published()
    places = asyncio.Semaphore(IN_FLIGHT)
    async with await aio_pika.connect(uri) as connection, asyncio.TaskGroup() as tasks:
        channel = await connection.channel(publisher_confirms=True)
        number = 0
        async for message in made:
            await places.acquire()
            number += 1
            tasks.create_task(_send(channel, message, f"benchmark-{number}", published, places))
    return published


async def _send(
    channel: AbstractChannel,
    message: Message,
    message_id: str,
    published: Published,
    places: asyncio.Semaphore,
) -> None:
    try:
        await channel.default_exchange.publish(
            aio_pika.Message(
                message.body,
                delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
                message_id=message_id,
                content_type="application/json",
            ),
            event_queue(message.shard),
        )
        published.events += message.events
        published.volume += message.volume
    finally:
        places.release()
