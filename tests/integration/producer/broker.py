"""The market's queues in a virtual host of a test's own, and what arrives in them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
from aio_pika.abc import AbstractIncomingMessage

from producer.broker import BrokerAddress
from producer.events import MarketEvent, decode_events
from producer.topology import Topology

TOPOLOGY = Topology(shards=3, retention_age="7D", retention_bytes=20_000_000_000)


@dataclass
class Arrivals:
    """Every message of the streams, in order of arrival by queue."""

    messages: list[tuple[str, AbstractIncomingMessage]] = field(default_factory=list)

    @property
    def events(self) -> list[MarketEvent]:
        """The events of all messages, each message counted once however often it was published."""
        seen: set[str] = set()
        events = []
        for _, message in self.messages:
            assert message.message_id is not None
            if message.message_id not in seen:
                seen.add(message.message_id)
                events += decode_events(message.body)
        return events

    def of_kind(self, kind: str) -> list[MarketEvent]:
        return [event for event in self.events if event.kind == kind]

    def of_symbol(self, symbol: str) -> list[MarketEvent]:
        return [event for event in self.events if event.symbol == symbol]


@dataclass
class Broker:
    """A virtual host with its address and the management API."""

    address: BrokerAddress
    admin: httpx.AsyncClient

    @property
    def vhost(self) -> str:
        return self.address.virtual_host

    @asynccontextmanager
    async def following(self) -> AsyncIterator[Arrivals]:
        """Read all streams from their beginning, for as long as the context lasts."""
        arrivals = Arrivals()
        async with await self.address.connect() as connection:
            await TOPOLOGY.declare(connection)
            for name in TOPOLOGY.event_queues:
                channel = await connection.channel()
                await channel.set_qos(prefetch_count=500)

                async def read(message: AbstractIncomingMessage, queue: str = name) -> None:
                    arrivals.messages.append((queue, message))
                    await message.ack()

                queue = await channel.get_queue(name, ensure=False)
                await queue.consume(read, arguments={"x-stream-offset": "first"})
            yield arrivals

    async def delete_queue(self, name: str) -> None:
        (await self.admin.delete(f"/queues/{self.vhost}/{name}")).raise_for_status()

    async def queue(self, name: str) -> dict[str, object]:
        answer: dict[str, object] = (await self.admin.get(f"/queues/{self.vhost}/{name}")).json()
        return answer
