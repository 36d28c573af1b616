"""The broker's side: dead letters of alerts that nobody took, and those that a person has requeued.

Alerts are delivered without the broker; while it is away, letters wait in the database.
"""

import asyncio
import logging
from contextlib import suppress
from typing import Final

import msgspec
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from aio_pika.exceptions import CONNECTION_EXCEPTIONS, ChannelNotFoundEntity
from tenacity import AsyncRetrying, retry_if_exception_type, wait_exponential_jitter

from producer.broker import BrokerAddress, connection_fault, first_of_group, until_closed
from producer.topology import ALERTS_QUEUE
from stream_job.alert_delivery.store import DATABASE_ERRORS, Dead, DeliveryStore
from stream_job.bars.dead_letters import bury
from stream_job.bars.message import WHOLE_MESSAGE, Rejected

logger = logging.getLogger(__name__)

PREFETCH_MESSAGES: Final = 8
LETTERS_AT_ONCE: Final = 100
# Finds what died while the broker or this program was away.
POLL_SECONDS: Final = 10.0
RECONNECT_INITIAL_SECONDS: Final = 0.2
RECONNECT_MAX_SECONDS: Final = 10.0
CLOSE_TIMEOUT_SECONDS: Final = 5.0


class Letter(msgspec.Struct, frozen=True):
    """What a dead letter holds: enough to find its delivery again, and to be read."""

    delivery_id: int
    rule_id: int
    symbol: str
    event_time: str
    channel: str


class AlertLetters:
    """Publishes dead letters and takes back requeued ones, until it is cancelled; outages are waited out."""

    def __init__(self, address: BrokerAddress, store: DeliveryStore) -> None:
        self._address = address
        self._store = store
        self._dead = asyncio.Event()
        # A letter that is requeued before it is noted as sent would be noted for the next time it is dead.
        self._one_at_a_time = asyncio.Lock()
        self._state: str | None = None

    def look(self) -> None:
        """Look at once for deliveries that are dead."""
        self._dead.set()

    async def run(self) -> None:
        """Hold sessions one after the other, ever slower while none comes about."""
        reconnecting = AsyncRetrying(
            wait=wait_exponential_jitter(multiplier=RECONNECT_INITIAL_SECONDS, max=RECONNECT_MAX_SECONDS),
            retry=retry_if_exception_type(_NoSessionError),
        )
        while True:
            async for attempt in reconnecting:
                with attempt:
                    await self._attempt()
            await asyncio.sleep(RECONNECT_INITIAL_SECONDS)

    async def _attempt(self) -> None:
        has_begun = asyncio.Event()
        try:
            await self._session(has_begun)
        except* DATABASE_ERRORS as errors:
            error = first_of_group(errors)
            self._say(f"the database is away: {' '.join(str(getattr(error, 'orig', None) or error).split())}")
        except* ChannelNotFoundEntity:
            self._say(f"there is no queue {ALERTS_QUEUE!r} yet: the producer declares it when it starts")
        except* CONNECTION_EXCEPTIONS as errors:
            fault = connection_fault(first_of_group(errors), self._address.user)
            self._say(f"dead letters wait, {self._address!r} is away: {fault}")
        if not has_begun.is_set():
            raise _NoSessionError

    async def _session(self, has_begun: asyncio.Event) -> None:
        # A letter that is handed out in vain too often is dropped by the broker.
        await self._store.check()
        connection = await self._address.connect()
        try:
            channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
            async with asyncio.TaskGroup() as session:
                session.create_task(until_closed(channel))
                session.create_task(self._take_back(channel, has_begun))
                session.create_task(self._publish(channel, has_begun))
        finally:
            with suppress(*CONNECTION_EXCEPTIONS):
                async with asyncio.timeout(CLOSE_TIMEOUT_SECONDS):
                    await connection.close()

    async def _publish(self, channel: AbstractChannel, has_begun: asyncio.Event) -> None:
        await has_begun.wait()
        while True:
            self._dead.clear()
            found = await self._store.without_letter(LETTERS_AT_ONCE)
            for dead in found:
                async with self._one_at_a_time:
                    await bury(channel.default_exchange, rejected(dead), None, ALERTS_QUEUE)
                    await self._store.letter_sent(dead.delivery_id)
            if len(found) < LETTERS_AT_ONCE:
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL_SECONDS):
                        await self._dead.wait()

    async def _take_back(self, channel: AbstractChannel, has_begun: asyncio.Event) -> None:
        arrived: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
        await channel.set_qos(prefetch_count=PREFETCH_MESSAGES)
        queue = await channel.get_queue(ALERTS_QUEUE, ensure=False)
        await queue.consume(arrived.put)
        self._say(f"reading {ALERTS_QUEUE} at {self._address!r}")
        has_begun.set()
        while True:
            message = await arrived.get()
            await self._handle(channel, message)
            await message.ack()

    async def _handle(self, channel: AbstractChannel, message: AbstractIncomingMessage) -> None:
        try:
            letter = msgspec.json.decode(message.body, type=Letter)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            unreadable = Rejected(
                message.body, WHOLE_MESSAGE, f"message is no dead letter of an alert: {error}"
            )
            await bury(channel.default_exchange, unreadable, message.message_id, ALERTS_QUEUE)
            return
        async with self._one_at_a_time:
            is_again = await self._store.requeue(letter.delivery_id, letter.rule_id)
        logger.info(
            "delivery %d of rule %d, requeued: %s",
            letter.delivery_id,
            letter.rule_id,
            "tried again" if is_again else "left as it is, for it is not dead",
        )

    def _say(self, state: str) -> None:
        if state != self._state:
            logger.info(state)
            self._state = state


def rejected(dead: Dead) -> Rejected:
    """Return the dead letter of a delivery."""
    letter = Letter(dead.delivery_id, dead.rule_id, dead.symbol, dead.event_time, dead.channel)
    attempts = f"{dead.attempts} attempt{'' if dead.attempts == 1 else 's'}"
    reason = f"alert not delivered by {dead.channel} after {attempts}: {dead.error}"
    return Rejected(msgspec.json.encode(letter), WHOLE_MESSAGE, reason)


class _NoSessionError(Exception):
    """A session did not come about: the next one waits longer."""
