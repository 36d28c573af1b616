"""Publishes market events to the stream queues, and knows exactly which of them the broker has.

Events travel in messages of up to 500, or what came within 20 ms: persistent, mandatory and
confirmed. Several messages of a shard are in flight at once, in order. Whatever goes wrong (a lost
connection, a nack, a returned message, a confirm that does not come) ends the session; the next one
declares the queues, then sends everything unconfirmed again, in order and under the same message
ids, by which the job recognises what it already has.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from enum import StrEnum

from aio_pika.exceptions import CONNECTION_EXCEPTIONS
from tenacity import AsyncRetrying, retry_if_exception_type, wait_exponential_jitter

from producer.broker import BrokerAddress, connection_fault, first_of_group, until_closed
from producer.buffer import Batch, Buffer
from producer.cancellation import cancelled
from producer.delivery import Delivery
from producer.errors import BrokerUnavailableError, TopologyMismatchError
from producer.events import MarketEvent, clock_micros
from producer.topology import Topology

__all__ = ["BrokerAddress", "BrokerState", "Publisher"]

logger = logging.getLogger(__name__)

CLOSE_TIMEOUT_SECONDS = 5.0
RECONNECT_INITIAL_SECONDS = 0.2
RECONNECT_MAX_SECONDS = 10.0
BUFFERED_EVENTS = 200_000  # about 50 MB encoded: two hours of a hundred quiet symbols


class BrokerState(StrEnum):
    """Where the publisher's connection stands."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    AWAY = "away"
    REFUSED = "refused"
    CLOSED = "closed"


class Publisher:
    """Takes events from feeds and delivers them; start it with :meth:`start`, end with :meth:`close`.

    ``publish`` waits while its buffer is full, for sources that can wait. ``offer`` never waits, for
    live feeds: when its buffer is full the oldest events give way, counted, and a break marks each
    symbol that lost some. Nothing that the broker confirmed is lost; nothing unconfirmed is counted
    as confirmed.
    """

    def __init__(
        self, address: BrokerAddress, topology: Topology, *, buffered_events: int = BUFFERED_EVENTS
    ) -> None:
        self._address = address
        self._topology = topology
        self._patient = Buffer(topology.shards, buffered_events)
        self._live = Buffer(topology.shards, buffered_events)
        self._runner: asyncio.Task[None] | None = None
        self._connected = asyncio.Event()
        self._tried = asyncio.Event()
        self.state = BrokerState.CLOSED
        self.detail = "The publisher has not been started."
        self.refusal: TopologyMismatchError | None = None
        self.confirmed_events: Counter[str | None] = Counter()
        self.confirmed_messages = 0
        self.last_confirm_time: int | None = None

    @property
    def buffered_events(self) -> int:
        """How many events are accepted and not confirmed yet; a heartbeat counts once a shard."""
        return self._patient.held + self._live.held

    @property
    def dropped_events(self) -> int:
        """How many live events were given up because the broker was away for too long."""
        return self._live.dropped_events

    @property
    def died(self) -> BaseException | None:
        """What ended the publisher's task against its will; None while it lives."""
        if self._runner is None or not self._runner.done() or self._runner.cancelled():
            return None
        return self._runner.exception() or RuntimeError("the publisher's task ended")

    def start(self) -> None:
        """Begin to connect and publish in the background."""
        self._set_state(BrokerState.CONNECTING, f"Connecting to {self._address!r}.")
        self._runner = asyncio.create_task(self._run(), name="publisher")

    async def wait_connected(self, timeout_seconds: float) -> None:
        """Wait for the first connection; raises the reason if there is none in time."""
        await self._wait_for(self._connected, timeout_seconds)
        if not self._connected.is_set():
            raise self.refusal or BrokerUnavailableError(self.detail) from self.died

    async def wait_tried(self, timeout_seconds: float) -> None:
        """Wait until the first attempt to connect has ended, well or not, or the time is over."""
        await self._wait_for(self._tried, timeout_seconds)

    async def _wait_for(self, event: asyncio.Event, timeout_seconds: float) -> None:
        """Wait for an event, no longer than the publisher lives."""
        happened = asyncio.create_task(event.wait())
        waiting = {happened} | ({self._runner} if self._runner else set())
        try:
            await asyncio.wait(waiting, timeout=timeout_seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            happened.cancel()

    async def publish(self, events: Sequence[MarketEvent]) -> None:
        """Accept events for delivery, waiting first while the buffer is full."""
        buffer = self._patient
        if buffer.held >= buffer.capacity:
            async with buffer.settled:
                await buffer.settled.wait_for(lambda: buffer.held < buffer.capacity)
        buffer.add(events)

    def offer(self, events: Sequence[MarketEvent]) -> None:
        """Accept live events at once; drops the oldest, with a break, when the buffer is full."""
        self._live.add_dropping_oldest(events)

    async def flush(self, timeout_seconds: float) -> None:
        """Wait until everything accepted so far is confirmed.

        Raises :class:`BrokerUnavailableError`, saying how much is not, when the time is over.
        """
        try:
            async with asyncio.timeout(timeout_seconds):
                await self.settle()
        except TimeoutError:
            raise BrokerUnavailableError(
                f"{self.buffered_events} events are not confirmed after {timeout_seconds:g} s: {self.detail} "
                f"They are sent again, under the same message ids, as long as the producer runs."
            ) from None

    async def settle(self) -> None:
        """Wait, however long the broker is away, until everything accepted so far is in the streams."""
        await self._patient.wait_settled()
        await self._live.wait_settled()

    async def deliver(self, events: Sequence[MarketEvent], timeout_seconds: float) -> None:
        """Publish events and wait for their confirms; raises :class:`BrokerUnavailableError` in vain."""
        try:
            async with asyncio.timeout(timeout_seconds):
                await self.publish(events)
                await self._patient.wait_settled()
        except TimeoutError:
            raise BrokerUnavailableError(
                f"{len(events)} events are not confirmed after {timeout_seconds:g} s: {self.detail}"
            ) from None

    async def close(self, timeout_seconds: float) -> int:
        """Deliver what is left, within the time given, and disconnect; returns how much is unconfirmed."""
        if self._runner is None:
            return 0
        try:
            if self.died is None:
                await self.flush(timeout_seconds)
        except BrokerUnavailableError as error:
            logger.warning("Closing with events unconfirmed: %s", error)
        await cancelled(self._runner)
        self._set_state(BrokerState.CLOSED, "The publisher is closed.")
        return self.buffered_events

    async def _run(self) -> None:
        backoff = wait_exponential_jitter(multiplier=RECONNECT_INITIAL_SECONDS, max=RECONNECT_MAX_SECONDS)
        while True:
            async for attempt in AsyncRetrying(
                wait=backoff, retry=retry_if_exception_type(_NothingConfirmedError)
            ):
                with attempt:
                    await self._attempt()
            await asyncio.sleep(RECONNECT_INITIAL_SECONDS)

    async def _attempt(self) -> None:
        """Hold one session to its end; raises if nothing was confirmed in it, so that the pause grows."""
        confirmed_before = self.confirmed_messages
        try:
            await self._session()
        except* TopologyMismatchError as errors:
            self.refusal = TopologyMismatchError(str(first_of_group(errors)))
            self._set_state(BrokerState.REFUSED, str(self.refusal))
        except* CONNECTION_EXCEPTIONS as errors:
            self._set_state(
                BrokerState.AWAY, f"{self._address!r}: {connection_fault(first_of_group(errors))}."
            )
        self._connected.clear()
        if self.confirmed_messages == confirmed_before:
            raise _NothingConfirmedError

    async def _session(self) -> None:
        connection = await self._address.connect()
        try:
            await self._topology.declare(connection)
            channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
            self._set_state(BrokerState.CONNECTED, f"Connected to {self._address!r}.")
            self.refusal = None
            self._connected.set()
            delivery = Delivery(channel.default_exchange, self._note_confirm)
            async with asyncio.TaskGroup() as session:
                session.create_task(until_closed(channel))
                session.create_task(delivery.run((self._patient, self._live)))
        finally:
            with suppress(*CONNECTION_EXCEPTIONS):
                async with asyncio.timeout(CLOSE_TIMEOUT_SECONDS):
                    await connection.close()

    def _note_confirm(self, batch: Batch) -> None:
        self.last_confirm_time = clock_micros()
        self.confirmed_messages += 1
        self.confirmed_events.update(batch.symbols)

    def _set_state(self, state: BrokerState, detail: str) -> None:
        if (state, detail) != (getattr(self, "state", None), getattr(self, "detail", None)):
            level = logging.WARNING if state in {BrokerState.AWAY, BrokerState.REFUSED} else logging.INFO
            logger.log(level, "broker %s: %s", state.value, detail)
        self.state, self.detail = state, detail
        if state != BrokerState.CONNECTING:
            self._tried.set()


class _NothingConfirmedError(Exception):
    """A session ended without one confirm: the next one waits longer."""
