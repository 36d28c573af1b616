"""The connection to the broker, held by one dead-letter command at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from aio_pika.abc import AbstractConnection
from aio_pika.exceptions import AMQPError, ChannelInvalidStateError
from aiormq.exceptions import ChannelAccessRefused, ChannelLockedResource

from producer.broker import BrokerAddress, connection_fault
from producer.dead_letters.errors import DeadLettersBusyError
from producer.errors import BrokerUnavailableError
from producer.topology import DEAD_LETTERS_QUEUE

LOCK_QUEUE = f"{DEAD_LETTERS_QUEUE}.lock"

BROKER_ERRORS = (AMQPError, ChannelInvalidStateError, OSError)


@asynccontextmanager
async def exclusive_connection(address: BrokerAddress) -> AsyncIterator[AbstractConnection]:
    """Connect, and keep other dead-letter commands out until the end.

    Two readers at once would each see a part of the queue, and their numbers would mean nothing.
    Raises :class:`DeadLettersBusyError` while another one reads, and :class:`BrokerUnavailableError`
    for whatever goes wrong with the broker until the end.
    """
    try:
        connection = await address.connect()
        try:
            await _lock(connection)
            yield connection
        finally:
            with suppress(*BROKER_ERRORS):
                await connection.close()
    except ChannelAccessRefused as error:
        raise BrokerUnavailableError(
            f"{address!r} does not permit this ({error}): give the user 'producer' the rights on 'market.*' "
            f"back, as `make up` does."
        ) from error
    except BROKER_ERRORS as error:
        raise BrokerUnavailableError(
            f"{address!r} cannot be reached, or broke off: {connection_fault(error)}. Nothing is lost."
        ) from error


async def _lock(connection: AbstractConnection) -> None:
    channel = await connection.channel()
    try:
        # The broker deletes an exclusive queue with its connection, however that ends.
        await channel.declare_queue(LOCK_QUEUE, exclusive=True)
    except ChannelLockedResource as error:
        raise DeadLettersBusyError(
            "Another dead_letters command is reading the queue: wait for its end, or end it."
        ) from error
