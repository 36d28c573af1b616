"""Takes dead letters out of their queue in such a way that they are still in it.

A letter is only ever handed out unacknowledged. Whatever ends the reading (its end, Ctrl-C, kill -9,
a lost connection), the broker puts every letter that was not acknowledged back into the queue. There
is no other safe way to look into a quorum queue in order: letters taken by ``basic.get`` come back in
another order, and publishing a copy of each would leave duplicates behind a crash.

Two properties of quorum queues shape the code. A consumer is handed no more letters than its prefetch,
so each thousand takes another consumer; the earlier one is cancelled first, so that nothing overtakes,
and keeps what it has. And letters queue up again in the order of their return: all consumers end
first, then they give back, oldest first. (Only a reader that is killed with more than one consumer's
letters in hand may leave them in another order.)
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage
from aio_pika.exceptions import ChannelNotFoundEntity

from producer.dead_letters.errors import DeadLettersMissingError
from producer.dead_letters.letter import DeadLetter
from producer.errors import BrokerUnavailableError
from producer.topology import DEAD_LETTERS_QUEUE

LETTERS_PER_CONSUMER = 1_000  # so many bodies are in memory at most; 2047 channels make two million letters
QUIET_SECONDS = 2.0
PATIENCE_SECONDS = 60.0  # a loaded broker pauses for seconds; one that is silent for so long is stuck
RETURN_POLL_SECONDS = 0.01
RETURN_SECONDS = 10.0


class TakenLetter:
    """A letter in hand, with its body: it goes back into the queue unless it is removed."""

    def __init__(self, letter: DeadLetter, message: AbstractIncomingMessage, consumer: _Consumer) -> None:
        self.letter = letter
        self.message = message
        self._consumer = consumer

    @property
    def body(self) -> bytes:
        """The rejected bytes."""
        return self.message.body

    async def remove(self) -> None:
        """Take the letter out of the queue for good."""
        await self.message.ack()
        self._consumer.in_hand -= 1


@dataclass(eq=False)
class _Consumer:
    """A consumer on a channel of its own; ``in_hand`` counts what it holds unacknowledged."""

    channel: AbstractChannel
    prefetch: int
    tag: str = ""
    in_hand: int = 0


class Reading:
    """One pass over the queue, oldest letter first; iterate over it once.

    It ends with the last letter that was there when it began: what arrives meanwhile (a requeued
    event that is rejected again, say) is for the next one.
    """

    def __init__(self, connection: AbstractConnection, watcher: AbstractChannel, most: int | None) -> None:
        self._connection = connection
        self._watcher = watcher
        self._most = most
        self._consumers: list[_Consumer] = []
        self._arrived: asyncio.Queue[tuple[AbstractIncomingMessage, _Consumer]] = asyncio.Queue()
        self.total = 0
        self.most_looks = 0

    async def begin(self) -> None:
        """Count what there is; raises :class:`DeadLettersMissingError` if there is no queue."""
        self.total = await self._ready()

    async def __aiter__(self) -> AsyncIterator[TakenLetter]:
        """Hand out the letters one by one."""
        wanted = self.total if self._most is None else min(self.total, self._most)
        for number in range(1, wanted + 1):
            taken = await self._next(wanted - number + 1)
            if taken is None:
                return
            message, consumer = taken
            letter = DeadLetter.read(number, message.headers, message.body, message.message_id)
            self.most_looks = max(self.most_looks, letter.looks)
            yield TakenLetter(letter, message, consumer)

    async def give_back(self) -> None:
        """Return everything in hand to its place, and wait until the broker has it there."""
        if not self._consumers:
            return
        await self._stop_latest()
        before, returned = await self._ready(), sum(consumer.in_hand for consumer in self._consumers)
        for consumer in self._consumers:
            underlay = await consumer.channel.get_underlay_channel()
            # From RabbitMQ 4.3 on, a nack is not counted as a failed delivery; a closed channel is.
            await underlay.basic_nack(0, multiple=True, requeue=True)
            await consumer.channel.close()
        for _ in range(round(RETURN_SECONDS / RETURN_POLL_SECONDS)):
            if await self._ready() >= before + returned:
                return
            await asyncio.sleep(RETURN_POLL_SECONDS)

    async def _next(self, still_wanted: int) -> tuple[AbstractIncomingMessage, _Consumer] | None:
        if self._arrived.empty() and self._latest_is_full():
            await self._start_consumer(min(still_wanted, LETTERS_PER_CONSUMER))
        for _ in range(round(PATIENCE_SECONDS / QUIET_SECONDS)):
            try:
                async with asyncio.timeout(QUIET_SECONDS):
                    return await self._arrived.get()
            except TimeoutError:
                if not await self._ready():
                    return None  # somebody purged the queue, or its letters expired
        raise BrokerUnavailableError(
            f"The broker hands out nothing from {DEAD_LETTERS_QUEUE!r} though letters are there. Nothing is "
            f"lost: try again, and look into the broker's log if it stays so."
        )

    def _latest_is_full(self) -> bool:
        return not self._consumers or self._consumers[-1].in_hand >= self._consumers[-1].prefetch

    async def _start_consumer(self, prefetch: int) -> None:
        await self._stop_latest()
        channel = await self._connection.channel(publisher_confirms=False)
        await channel.set_qos(prefetch_count=prefetch)
        consumer = _Consumer(channel, prefetch)
        self._consumers.append(consumer)

        async def arrive(message: AbstractIncomingMessage) -> None:
            consumer.in_hand += 1
            self._arrived.put_nowait((message, consumer))

        queue = await channel.get_queue(DEAD_LETTERS_QUEUE, ensure=False)
        consumer.tag = await queue.consume(arrive)

    async def _stop_latest(self) -> None:
        if self._consumers:
            latest = self._consumers[-1]
            underlay = await latest.channel.get_underlay_channel()
            await underlay.basic_cancel(latest.tag)

    async def _ready(self) -> int:
        try:
            queue = await self._watcher.declare_queue(DEAD_LETTERS_QUEUE, passive=True)
        except ChannelNotFoundEntity as error:
            raise DeadLettersMissingError(
                f"The queue {DEAD_LETTERS_QUEUE!r} does not exist: the producer declares it when it starts."
            ) from error
        return queue.declaration_result.message_count or 0


@asynccontextmanager
async def reading(connection: AbstractConnection, most: int | None = None) -> AsyncIterator[Reading]:
    """Read the dead letters, ``most`` of them from the oldest on; afterwards all not removed are back."""
    current = Reading(connection, await connection.channel(publisher_confirms=False), most)
    await current.begin()
    try:
        yield current
    finally:
        if not connection.is_closed:
            await current.give_back()
