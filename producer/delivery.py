"""Sending a buffer's lanes over one connection, each in order and several messages ahead."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import aio_pika
from aio_pika.abc import AbstractExchange

from producer.buffer import Batch, Buffer, Lane

LINGER_SECONDS = 0.02
MESSAGES_IN_FLIGHT_PER_SHARD = 16
CONFIRM_TIMEOUT_SECONDS = 30.0  # far above a loaded broker's slowest fsync; a blocked one shows by it


@dataclass
class Delivery:
    """Sends until something fails, which is raised: then nothing more of this connection counts."""

    exchange: AbstractExchange
    on_confirm: Callable[[Batch], None]

    async def run(self, buffers: Iterable[Buffer]) -> None:
        """Send what is unconfirmed again, then what comes; ends only with an exception group."""
        async with asyncio.TaskGroup() as tasks:
            for buffer in buffers:
                for lane in buffer.lanes:
                    tasks.create_task(self._send_lane(tasks, buffer, lane))

    async def _send_lane(self, tasks: asyncio.TaskGroup, buffer: Buffer, lane: Lane) -> None:
        window = asyncio.Semaphore(MESSAGES_IN_FLIGHT_PER_SHARD)
        for unconfirmed in [batch for batch in lane.in_flight if not batch.confirmed]:
            await window.acquire()
            tasks.create_task(self._send(buffer, lane, unconfirmed, window))
        while True:
            await lane.filled.wait()
            if not lane.sealed:
                await _wait_at_most(lane.full, LINGER_SECONDS)
            await window.acquire()
            buffer.release_breaks(lane)
            batch = lane.take()
            if batch is None:
                window.release()
            else:
                # Tasks begin in the order of their making, so the lane's messages leave in order.
                tasks.create_task(self._send(buffer, lane, batch, window))

    async def _send(self, buffer: Buffer, lane: Lane, batch: Batch, window: asyncio.Semaphore) -> None:
        message = aio_pika.Message(
            batch.body,
            message_id=batch.message_id,
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            content_type="application/json",
        )
        await self.exchange.publish(message, lane.queue, mandatory=True, timeout=CONFIRM_TIMEOUT_SECONDS)
        batch.confirmed = True
        window.release()
        self.on_confirm(batch)
        lane.settle()
        async with buffer.settled:
            buffer.settled.notify_all()


async def _wait_at_most(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
