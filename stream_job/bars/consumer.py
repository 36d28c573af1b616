"""Reads `market.bars` for as long as it runs: a message leaves the queue when its bars are committed.

Whatever goes wrong (the broker or the database goes away, a confirm does not come) ends the session; what
was not acknowledged is then handed out again, and writing it again changes nothing. A session begins only
once the database answers, because a message that is handed out in vain too often is dropped by the broker
where its queues have a delivery limit.
"""

import asyncio
import logging
from contextlib import suppress
from typing import Final

from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from aio_pika.exceptions import CONNECTION_EXCEPTIONS, ChannelNotFoundEntity
from tenacity import AsyncRetrying, retry_if_exception_type, wait_exponential_jitter

from producer.broker import BrokerAddress, connection_fault, first_of_group, until_closed
from producer.events import clock_micros
from producer.topology import BARS_QUEUE
from stream_job.bars.dead_letters import bury
from stream_job.bars.message import read_message
from stream_job.bars.store import DATABASE_ERRORS, CandleStore
from stream_job.stored_indicators import Series

logger = logging.getLogger(__name__)

# A message is at most 500 bars, so some thousand are in hand at most.
PREFETCH_MESSAGES: Final = 8
# A backfill comes in many messages: its indicators are computed once, behind the last.
QUIET_SECONDS: Final = 1.0
RECONNECT_INITIAL_SECONDS: Final = 0.2
RECONNECT_MAX_SECONDS: Final = 10.0
CLOSE_TIMEOUT_SECONDS: Final = 5.0


class BarConsumer:
    """Writes bars until it is cancelled; outages are waited out."""

    def __init__(self, address: BrokerAddress, store: CandleStore) -> None:
        self._address = address
        self._store = store
        self._handled = 0
        self._state: str | None = None
        self._changed: set[Series] = set()

    async def run(self) -> None:
        """Hold sessions one after the other, ever slower while none gets anything done."""
        backoff = wait_exponential_jitter(multiplier=RECONNECT_INITIAL_SECONDS, max=RECONNECT_MAX_SECONDS)
        while True:
            async for attempt in AsyncRetrying(
                wait=backoff, retry=retry_if_exception_type(_NothingHandledError)
            ):
                with attempt:
                    await self._attempt()
            await asyncio.sleep(RECONNECT_INITIAL_SECONDS)

    async def _attempt(self) -> None:
        handled_before = self._handled
        try:
            await self._session()
        except* DATABASE_ERRORS as errors:
            error = first_of_group(errors)
            cause = getattr(error, "orig", None) or error
            self._say(f"the database is away: {' '.join(str(cause).split())}")
        except* ChannelNotFoundEntity:
            self._say(f"there is no queue {BARS_QUEUE!r} yet: the producer declares it when it starts")
        except* CONNECTION_EXCEPTIONS as errors:
            fault = connection_fault(first_of_group(errors), self._address.user)
            self._say(f"{self._address!r} is away: {fault}")
        if self._handled == handled_before:
            raise _NothingHandledError

    async def _session(self) -> None:
        await self._store.check()
        connection = await self._address.connect()
        try:
            channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
            async with asyncio.TaskGroup() as session:
                session.create_task(until_closed(channel))
                session.create_task(self._consume(channel))
        finally:
            with suppress(*CONNECTION_EXCEPTIONS):
                async with asyncio.timeout(CLOSE_TIMEOUT_SECONDS):
                    await connection.close()

    async def _consume(self, channel: AbstractChannel) -> None:
        arrived: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
        await channel.set_qos(prefetch_count=PREFETCH_MESSAGES)
        queue = await channel.get_queue(BARS_QUEUE, ensure=False)
        await queue.consume(arrived.put)
        self._say(f"reading {BARS_QUEUE} at {self._address!r}")
        self._changed.update(await self._store.without_indicators())
        while True:
            message = await self._next(arrived)
            if message is not None:
                await self._handle(channel, message)
            elif self._changed:
                await self._recompute(min(self._changed))

    async def _next(self, arrived: asyncio.Queue[AbstractIncomingMessage]) -> AbstractIncomingMessage | None:
        """The next message, or None when none has come for a moment and there is something else to do."""
        try:
            async with asyncio.timeout(QUIET_SECONDS if self._changed else None):
                return await arrived.get()
        except TimeoutError:
            return None

    async def _recompute(self, series: Series) -> None:
        rows = await self._store.recompute(series)
        self._changed.discard(series)
        logger.info("%s %s: %d indicators written", series.symbol, series.interval, rows)

    async def _handle(self, channel: AbstractChannel, message: AbstractIncomingMessage) -> None:
        bars, rejected = read_message(message.body, clock_micros())
        written = await self._store.write(bars)
        for one in (*rejected, *written.refused):
            await bury(channel.default_exchange, one, message.message_id)
        await message.ack()
        self._handled += 1
        if written.rows:
            self._changed.update(Series(one.bar.symbol, one.bar.interval) for one in bars)
        refused = len(rejected) + len(written.refused)
        logger.info("%d bars: %d candles written, %d dead letters", len(bars), written.rows, refused)

    def _say(self, state: str) -> None:
        if state != self._state:
            logger.info(state)
            self._state = state


class _NothingHandledError(Exception):
    """A session ended without one message: the next one waits longer."""
