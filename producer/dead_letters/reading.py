"""Takes dead letters out of their queue in such a way that they are still in it.

A letter is only ever handed out unacknowledged. Whatever ends the reading (its end, Ctrl-C, kill -9,
a lost connection), the broker puts every letter that was not acknowledged back into the queue. There
is no other safe way to look into a quorum queue in order: letters taken by ``basic.get`` come back in
another order, and publishing a copy of each would leave duplicates behind a crash.

Four properties of quorum queues shape the code, all of them for the order of the letters:

- A consumer is handed no more letters than its prefetch, so each thousand takes another consumer. The
  earlier one is cancelled first, so that nothing overtakes, and keeps what it has.
- A letter whose channel closes goes ahead of those that nobody has taken yet; one that is nacked may go
  behind letters that arrived meanwhile. So letters are given back by closing.
- Letters that were given back queue up in the order of their return. So all consumers end first, then
  they give back one after the other, oldest first; and every pass takes all letters, because a part
  would queue up behind the rest of an earlier pass.
- A reader that is killed does none of this: nothing is lost, but the order may be another one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

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
RETURN_SECONDS = 10.0  # fewer may come back than expected, when letters expire


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
        """Take the letter out of the queue for good, at the latest at the end of the reading."""
        self._consumer.in_hand -= 1
        if self._consumer.is_active:
            self._consumer.to_remove.append(self.message)
        else:
            await self.message.ack()


@dataclass(eq=False)
class _Consumer:
    """A consumer on a channel of its own, which is handed ``prefetch`` letters and no more.

    An acknowledgement would make room for letters that the pass does not want, so it waits until the
    consumer has ended. ``in_hand`` counts what is neither removed nor given back.
    """

    channel: AbstractChannel
    prefetch: int
    tag: str = ""
    is_active: bool = True
    received: int = 0
    in_hand: int = 0
    to_remove: list[AbstractIncomingMessage] = field(default_factory=list)

    async def end(self) -> None:
        """Stop taking letters, keep those in hand, and remove those that wait for it."""
        if not self.is_active:
            return
        underlay = await self.channel.get_underlay_channel()
        await underlay.basic_cancel(self.tag)
        self.is_active = False
        for message in self.to_remove:
            await message.ack()
        self.to_remove.clear()


class Reading:
    """One pass over the queue, oldest letter first; iterate over it once.

    It ends with the last letter that was there when it began: what arrives meanwhile (a requeued
    event that is rejected again, say) is for the next one. Iterate to the end, or the order changes.
    """

    def __init__(self, connection: AbstractConnection, watcher: AbstractChannel) -> None:
        self._connection = connection
        self._watcher = watcher
        self._consumers: list[_Consumer] = []
        self._arrived: asyncio.Queue[tuple[AbstractIncomingMessage, _Consumer]] = asyncio.Queue()
        self.total = 0
        self.most_looks = 0

    async def begin(self) -> None:
        """Count what there is; raises :class:`DeadLettersMissingError` if there is no queue."""
        self.total = await self._ready()

    async def __aiter__(self) -> AsyncIterator[TakenLetter]:
        """Hand out the letters one by one."""
        for number in range(1, self.total + 1):
            taken = await self._next(self.total - number + 1)
            if taken is None:
                return
            message, consumer = taken
            letter = DeadLetter.read(number, message.headers, message.body, message.message_id)
            self.most_looks = max(self.most_looks, letter.looks)
            yield TakenLetter(letter, message, consumer)

    async def give_back(self) -> None:
        """Return everything in hand to its place, and wait until the broker has it there."""
        for consumer in self._consumers[-1:]:
            await consumer.end()
        for consumer in self._consumers:
            expected = await self._ready() + consumer.in_hand
            await consumer.channel.close()
            await self._wait_for(expected)

    async def _next(self, still_wanted: int) -> tuple[AbstractIncomingMessage, _Consumer] | None:
        latest = self._consumers[-1] if self._consumers else None
        if latest is not None and latest.received >= latest.prefetch:
            await latest.end()
        if self._arrived.empty() and (latest is None or not latest.is_active):
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

    async def _start_consumer(self, prefetch: int) -> None:
        channel = await self._connection.channel(publisher_confirms=False)
        await channel.set_qos(prefetch_count=prefetch)
        consumer = _Consumer(channel, prefetch)
        self._consumers.append(consumer)

        async def arrive(message: AbstractIncomingMessage) -> None:
            consumer.received += 1
            consumer.in_hand += 1
            self._arrived.put_nowait((message, consumer))

        queue = await channel.get_queue(DEAD_LETTERS_QUEUE, ensure=False)
        consumer.tag = await queue.consume(arrive)

    async def _wait_for(self, expected: int) -> None:
        for _ in range(round(RETURN_SECONDS / RETURN_POLL_SECONDS)):
            if await self._ready() >= expected:
                return
            await asyncio.sleep(RETURN_POLL_SECONDS)

    async def _ready(self) -> int:
        try:
            queue = await self._watcher.declare_queue(DEAD_LETTERS_QUEUE, passive=True)
        except ChannelNotFoundEntity as error:
            raise DeadLettersMissingError(
                f"The queue {DEAD_LETTERS_QUEUE!r} does not exist: the producer declares it when it starts."
            ) from error
        return queue.declaration_result.message_count or 0


@asynccontextmanager
async def reading(connection: AbstractConnection) -> AsyncIterator[Reading]:
    """Read the dead letters; at the end of the block all that were not removed are back."""
    current = Reading(connection, await connection.channel(publisher_confirms=False))
    await current.begin()
    try:
        yield current
    finally:
        if not connection.is_closed:
            await current.give_back()
