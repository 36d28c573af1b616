"""What one can do with the dead letters; each action is one exclusive connection to the broker."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractConnection

from producer.broker import BrokerAddress
from producer.dead_letters.broker import exclusive_connection
from producer.dead_letters.letter import DeadLetter
from producer.dead_letters.moving import LOOKS_BEFORE_RENEWAL, moving, renew
from producer.dead_letters.reading import Reading, TakenLetter, reading
from producer.dead_letters.selection import Selection
from producer.topology import ALERTS_QUEUE, BARS_QUEUE, Topology


@dataclass(frozen=True)
class Listing:
    """The selected letters, at most as many as asked for, and how many the queue holds in all."""

    letters: list[DeadLetter]
    total: int


@dataclass(frozen=True)
class OpenedLetter:
    """A letter with all that is in it."""

    letter: DeadLetter
    headers: dict[str, object]
    body: bytes


@dataclass(frozen=True)
class Requeued:
    """How many letters went back to their streams, and how many of the selected cannot."""

    requeued: int
    stranded: int


async def list_letters(address: BrokerAddress, selection: Selection, limit: int | None = None) -> Listing:
    """Describe the selected letters, oldest first, and leave them all where they are."""
    found: list[DeadLetter] = []
    async with _look(address) as (_, letters):
        async for taken in letters:
            if taken.letter in selection and (limit is None or len(found) < limit):
                found.append(taken.letter)
    return Listing(found, letters.total)


async def open_letters(address: BrokerAddress, selection: Selection) -> list[OpenedLetter]:
    """Read the selected letters whole, and leave them where they are."""
    async with _look(address) as (_, letters):
        return [
            OpenedLetter(taken.letter, dict(taken.message.headers), taken.body)
            async for taken in letters
            if taken.letter in selection
        ]


async def requeue(address: BrokerAddress, topology: Topology, selection: Selection) -> Requeued:
    """Publish the selected letters to the queues that they came from, then remove them here.

    A letter is removed only after the broker has confirmed its event. A crash between the two leaves
    the event in the stream and the letter in the queue; requeued once more, the event travels under
    the same message id, so the job leaves the second one out.
    """
    known = frozenset((*topology.event_queues, BARS_QUEUE, ALERTS_QUEUE))
    stranded = 0
    async with _look(address) as (connection, letters), moving(connection) as mover:
        async for taken in letters:
            if taken.letter not in selection:
                continue
            queue = taken.letter.source_queue
            if queue in known and taken.letter.truncated_from is None:
                await mover.move(taken, market_message(taken), queue)
            else:
                stranded += 1
    return Requeued(mover.moved, stranded + mover.unroutable)


async def purge(address: BrokerAddress, selection: Selection) -> int:
    """Remove the selected letters for good; returns how many."""
    removed = 0
    async with _look(address) as (_, letters):
        async for taken in letters:
            if taken.letter in selection:
                await taken.remove()
                removed += 1
    return removed


def market_message(taken: TakenLetter) -> Message:
    """Return the message that brings a letter back: its event alone, or the whole message as it was.

    Its id is new, because the job leaves out messages whose id it has seen, and the same each time,
    because the job is to leave out the second of two.
    """
    is_whole_message = taken.letter.event_index is None
    return Message(
        taken.body if is_whole_message else b"[" + taken.body + b"]",
        message_id=taken.letter.letter_id,
        content_type="application/json",
        delivery_mode=DeliveryMode.PERSISTENT,
    )


@asynccontextmanager
async def _look(address: BrokerAddress) -> AsyncIterator[tuple[AbstractConnection, Reading]]:
    async with exclusive_connection(address) as connection:
        async with reading(connection) as letters:
            yield connection, letters
        if letters.most_looks >= LOOKS_BEFORE_RENEWAL:
            await renew(connection)
