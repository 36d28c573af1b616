"""Publishes bars to `market.bars`: persistent, mandatory, and confirmed before it counts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Protocol, Self

import aio_pika
from aio_pika.abc import AbstractConnection, AbstractExchange
from aio_pika.exceptions import CONNECTION_EXCEPTIONS
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_exponential_jitter

from producer.bars import BARS_PER_MESSAGE, Bar, bars_message_id, encode_bars
from producer.broker import BrokerAddress, connection_fault
from producer.errors import BrokerUnavailableError
from producer.topology import BARS_QUEUE, Topology

CONFIRM_TIMEOUT_SECONDS = 30.0
CLOSE_TIMEOUT_SECONDS = 5.0
RETRY_INITIAL_SECONDS = 0.2
RETRY_MAX_SECONDS = 10.0
# A backfill is resumed where it stopped, so it need not outlast a long outage.
PATIENCE_SECONDS = 60.0


class BarSink(Protocol):
    """Where fetched bars go."""

    async def publish(self, bars: Sequence[Bar]) -> None:
        """Return when all the bars are safe; raises :class:`BrokerUnavailableError`."""


class BarPublisher:
    """One connection for one backfill, made anew where it breaks; use it as an async context."""

    def __init__(
        self, address: BrokerAddress, topology: Topology, patience_seconds: float = PATIENCE_SECONDS
    ) -> None:
        self._address = address
        self._topology = topology
        self._patience_seconds = patience_seconds
        self._connection: AbstractConnection | None = None
        self._exchange: AbstractExchange | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._disconnect()

    async def publish(self, bars: Sequence[Bar]) -> None:
        """Publish bars in messages of at most 500; an outage of up to a minute is waited out.

        A message is sent again under the same id, so one whose confirm was lost may be in the queue twice:
        its bars change nothing the second time. Raises :class:`BrokerUnavailableError`.
        """
        for start in range(0, len(bars), BARS_PER_MESSAGE):
            body = encode_bars(bars[start : start + BARS_PER_MESSAGE])
            try:
                async for attempt in AsyncRetrying(
                    wait=wait_exponential_jitter(multiplier=RETRY_INITIAL_SECONDS, max=RETRY_MAX_SECONDS),
                    stop=stop_after_delay(self._patience_seconds),
                    retry=retry_if_exception_type(CONNECTION_EXCEPTIONS),
                    reraise=True,
                ):
                    with attempt:
                        await self._send(body)
            except CONNECTION_EXCEPTIONS as error:
                raise BrokerUnavailableError(
                    f"Bars are not confirmed by {self._address!r}: {connection_fault(error)}. Start the same "
                    f"backfill again when it is back: it goes on where it stopped."
                ) from error

    async def _send(self, body: bytes) -> None:
        message = aio_pika.Message(
            body,
            message_id=bars_message_id(body),
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            content_type="application/json",
        )
        try:
            exchange = self._exchange or await self._connect()
            await exchange.publish(message, BARS_QUEUE, mandatory=True, timeout=CONFIRM_TIMEOUT_SECONDS)
        except BaseException:
            # After a fault nothing more of this connection counts.
            await self._disconnect()
            raise

    async def _connect(self) -> AbstractExchange:
        self._connection = await self._address.connect()
        await self._topology.declare(self._connection)
        channel = await self._connection.channel(publisher_confirms=True, on_return_raises=True)
        self._exchange = channel.default_exchange
        return self._exchange

    async def _disconnect(self) -> None:
        connection, self._connection, self._exchange = self._connection, None, None
        if connection is None:
            return
        with suppress(*CONNECTION_EXCEPTIONS):
            async with asyncio.timeout(CLOSE_TIMEOUT_SECONDS):
                await connection.close()
