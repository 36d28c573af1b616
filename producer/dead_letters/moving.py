"""Moves dead letters to another place in the broker: first confirmed there, then removed here."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractConnection, AbstractExchange
from aio_pika.exceptions import PublishError

from producer.dead_letters.letter import DELIVERY_COUNT
from producer.dead_letters.reading import TakenLetter, reading
from producer.topology import DEAD_LETTERS_QUEUE

MESSAGES_IN_FLIGHT = 64
CONFIRM_TIMEOUT_SECONDS = 30.0  # far above a loaded broker's slowest fsync

# From 4.0 on, RabbitMQ drops a message that came back 20 times, unless the queue says otherwise.
LOOKS_BEFORE_RENEWAL = 10


class Mover:
    """Publishes letters in order, several at once, and removes each only after its confirm.

    A crash between the two leaves a letter in both places; it never loses one.
    """

    def __init__(self, exchange: AbstractExchange) -> None:
        self._exchange = exchange
        self._under_way: deque[tuple[TakenLetter, asyncio.Task[object]]] = deque()
        self.moved = 0
        self.unroutable = 0

    async def move(self, taken: TakenLetter, message: Message, queue: str) -> None:
        """Publish a message in place of a letter; a letter whose queue is missing stays."""
        if len(self._under_way) >= MESSAGES_IN_FLIGHT:
            await self._settle_oldest()
        publish = self._exchange.publish(message, queue, mandatory=True, timeout=CONFIRM_TIMEOUT_SECONDS)
        self._under_way.append((taken, asyncio.ensure_future(publish)))

    async def settle(self) -> None:
        """Wait until everything is confirmed and removed."""
        while self._under_way:
            await self._settle_oldest()

    async def abandon(self) -> None:
        """Stop waiting for confirms; what is unconfirmed stays in the queue."""
        for _, publish in self._under_way:
            publish.cancel()
        await asyncio.gather(*(publish for _, publish in self._under_way), return_exceptions=True)

    async def _settle_oldest(self) -> None:
        taken, publish = self._under_way[0]
        try:
            await publish
        except PublishError:
            self.unroutable += 1
        else:
            await taken.remove()
            self.moved += 1
        self._under_way.popleft()


@asynccontextmanager
async def moving(connection: AbstractConnection) -> AsyncIterator[Mover]:
    """Move letters with confirms; at the end of the block all of them are settled."""
    channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
    mover = Mover(channel.default_exchange)
    try:
        yield mover
        await mover.settle()
    finally:
        await mover.abandon()


async def renew(connection: AbstractConnection) -> None:
    """Replace every letter by a copy, in order, whose deliveries are not counted yet.

    A quorum queue with a delivery limit drops a message that was handed out and returned too often,
    and each look at the letters is such a delivery. A crash in here leaves some letters twice, under
    the same id.
    """
    async with reading(connection) as letters, moving(connection) as mover:
        async for taken in letters:
            await mover.move(taken, _copy_of(taken), DEAD_LETTERS_QUEUE)


def _copy_of(taken: TakenLetter) -> Message:
    original = taken.message
    return Message(
        original.body,
        headers={name: value for name, value in original.headers.items() if name != DELIVERY_COUNT},
        message_id=original.message_id or taken.letter.letter_id,  # the library would invent one
        timestamp=original.timestamp,
        type=original.type,
        app_id=original.app_id,
        correlation_id=original.correlation_id,
        content_type=original.content_type,
        content_encoding=original.content_encoding,
        delivery_mode=DeliveryMode.PERSISTENT,
    )
