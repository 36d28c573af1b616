"""The market's queues in a virtual host of their own, seen from the job's side."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage, FieldValue

from producer.broker import BrokerAddress
from producer.topology import DEAD_LETTERS_QUEUE, Topology

WAIT_SECONDS = 60
TOPOLOGY = Topology(shards=2, retention_age="7D", retention_bytes=1_000_000_000)
REJECTED_AT = 1_723_161_600_000_000  # 2024-08-09, microseconds
_MARK = "mark-"


def headers_of(number: int, **other: FieldValue) -> dict[str, FieldValue]:
    """What the job writes beside a rejected event; ``x_reason=...`` and the like replace its part."""
    headers: dict[str, FieldValue] = {
        "x-reason": f"price of event {number} is negative",
        "x-source-queue": TOPOLOGY.event_queues[0],
        "x-source-offset": number,
        "x-event-index": 0,
        "x-rejected-at": REJECTED_AT,
        "x-original-message-id": f"batch-{number}",
    }
    changed = {name.replace("_", "-"): value for name, value in other.items()}
    return {name: value for name, value in (headers | changed).items() if value is not None}


def body_of(number: int) -> bytes:
    """A small event that tells its number."""
    return b'{"symbol":"BTC-USD","n":%d}' % number


@dataclass
class Market:
    """The broker with the market's queues declared, and the environment that leads the tool to it."""

    environment: dict[str, str]
    address: BrokerAddress
    connection: AbstractConnection
    channel: AbstractChannel

    async def reject(
        self, body: bytes, headers: Mapping[str, FieldValue], message_id: str | None = None
    ) -> None:
        """Put one letter into the queue."""
        await self._publish(DEAD_LETTERS_QUEUE, body, dict(headers), message_id)

    async def reject_events(self, count: int) -> None:
        """Put the events 0 to count - 1 into the queue, in order."""
        for start in range(0, count, 500):
            numbers = range(start, min(start + 500, count))
            await asyncio.gather(*(self.reject(body_of(number), headers_of(number)) for number in numbers))

    async def letters_left(self) -> int:
        """How many letters the queue holds that nobody has in hand."""
        queue = await self.channel.declare_queue(DEAD_LETTERS_QUEUE, passive=True)
        return queue.declaration_result.message_count or 0

    async def streamed(self, shard: int = 0) -> list[AbstractIncomingMessage]:
        """Read everything that is in a stream, from its beginning."""
        name = TOPOLOGY.event_queues[shard]
        mark = f"{_MARK}{uuid.uuid4()}"
        await self._publish(name, b"", {}, mark)
        channel = await self.connection.channel()
        await channel.set_qos(prefetch_count=500)
        arrived: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
        stream = await channel.get_queue(name, ensure=False)
        await stream.consume(arrived.put, arguments={"x-stream-offset": "first"})
        found: list[AbstractIncomingMessage] = []
        async with asyncio.timeout(WAIT_SECONDS):
            while (message := await arrived.get()).message_id != mark:
                await message.ack()
                found.append(message)
        await channel.close()
        return [message for message in found if not (message.message_id or "").startswith(_MARK)]

    async def _publish(
        self, queue: str, body: bytes, headers: dict[str, FieldValue], message_id: str | None
    ) -> None:
        message = aio_pika.Message(
            body, headers=headers, message_id=message_id, delivery_mode=aio_pika.DeliveryMode.PERSISTENT
        )
        await self.channel.default_exchange.publish(message, queue, mandatory=True)
