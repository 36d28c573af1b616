"""The producer under fire: `python -m tests.chaos.load PLAN` publishes a plan's market, and may be killed.

It is made of the parts of the real one: the simulator's feed, which asks the streams how far an earlier
run got, the publisher with its buffer and confirms, and the database. Exit code 0 says that everything
up to the plan's end is confirmed.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Sequence
from contextlib import suppress

import msgspec

from db.settings import DatabaseSettings
from producer.broker import BrokerAddress
from producer.cancellation import cancelled
from producer.database import Database
from producer.events import MICROSECONDS_PER_MINUTE, MICROSECONDS_PER_SECOND, MarketEvent, heartbeat
from producer.providers.simulator.feed import SimulatorFeed
from producer.publisher import Publisher
from producer.resume import PublishedBefore
from producer.settings import load_settings
from producer.topology import Topology
from tests.chaos.plan import SOURCE, LoadPlan

# How much past a feed may make up for: longer than any outage, and than the past that a plan begins with.
HISTORY_MINUTES = 8
# What the watermark stays behind the newest event by, and a bit.
CLOSING_MICROS = 3 * MICROSECONDS_PER_SECOND
CLOSE_SECONDS = 10.0


class Window:
    """Lets through what lies within the plan; `over` is set when the feed has reached its end."""

    def __init__(self, publisher: Publisher, plan: LoadPlan) -> None:
        self._publisher = publisher
        self._plan = plan
        self.over = asyncio.Event()

    async def publish(self, events: Sequence[MarketEvent]) -> None:
        end = self._plan.end()
        await self._publisher.publish(
            [e for e in events if self._plan.begin <= e.event_time and (end is None or e.event_time < end)]
        )
        if end is not None and any(event.event_time >= end for event in events):
            self.over.set()

    def offer(self, events: Sequence[MarketEvent]) -> None:
        raise NotImplementedError("a feed that can wait never offers")


async def run(plan: LoadPlan) -> None:
    """Publish until the plan's end, and until all of it is confirmed."""
    settings = load_settings()
    address = BrokerAddress.from_settings(settings)
    publisher = Publisher(address, Topology.from_settings(settings))
    database = Database(DatabaseSettings())
    before = PublishedBefore(address, settings.event_shards, publisher, database)
    feed = SimulatorFeed(plan.symbols, plan.seed, plan.events_per_second, HISTORY_MINUTES, SOURCE)
    window = Window(publisher, plan)
    publisher.start()
    running = asyncio.create_task(feed.run(window, before))
    over = asyncio.create_task(window.over.wait())
    await asyncio.wait({running, over}, return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        await running
    await cancelled(running)
    end = plan.end()
    assert end is not None
    await publisher.publish([heartbeat(SOURCE, end + CLOSING_MICROS, end + CLOSING_MICROS)])
    await publisher.settle()
    await publisher.close(CLOSE_SECONDS)
    await database.close()


def past_minute(micros: int, minutes: int) -> int:
    """The start of the minute so many minutes before a time."""
    return micros - micros % MICROSECONDS_PER_MINUTE - minutes * MICROSECONDS_PER_MINUTE


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for name in ("aiormq", "aio_pika"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with suppress(KeyboardInterrupt):
        asyncio.run(run(msgspec.json.decode(sys.argv[1], type=LoadPlan)))
