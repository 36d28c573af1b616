"""A recorded Coinbase session, served to the live feed, gives what the replay of its file gives.

Needs the folder that CANDLEWICK_RECORDINGS names, with a recording that is not ours to ship.
"""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from pathlib import Path

import pytest
from msgspec.structs import replace

from producer.events import MarketEvent
from producer.providers.coinbase.feed import CoinbaseFeed
from producer.providers.replay.coinbase import coinbase_events, received_frames
from producer.providers.replay.recording import Recording
from producer.resume import PublishedBefore
from tests.integration.producer.broker import Broker
from tests.integration.producer.conftest import StartPublisher
from tests.integration.producer.venue import Venue
from tests.integration.producer.waiting import until

RECORDING = Path(os.environ.get("CANDLEWICK_RECORDINGS", "absent")) / "coinbase_2021-04-17.ws.gz"

pytestmark = pytest.mark.skipif(
    not RECORDING.is_file(), reason=f"CANDLEWICK_RECORDINGS names no folder with {RECORDING.name}"
)


def by_symbol(events: list[MarketEvent]) -> dict[str, list[MarketEvent]]:
    """Events by symbol, without what must differ: who received them when."""
    grouped = defaultdict(list)
    for event in events:
        if event.symbol is not None:
            event_id = event.event_id.removeprefix("replay:")
            grouped[event.symbol].append(replace(event, event_id=event_id, source="coinbase", ingest_time=0))
    return dict(grouped)


async def test_the_live_feed_publishes_what_the_replay_of_the_recording_publishes(
    broker: Broker, start_publisher: StartPublisher, published_before: PublishedBefore
) -> None:
    replayed = [event for events in coinbase_events(Recording(RECORDING)) for event in events]
    frames = [frame.decode() for _, _, frame in received_frames(Recording(RECORDING))]
    products = tuple(sorted({event.symbol for event in replayed if event.symbol is not None}))
    async with Venue([frames]) as venue, broker.following() as arrivals:
        feed = CoinbaseFeed(venue.url, products)
        task = asyncio.create_task(feed.run(await start_publisher(), published_before))
        await until(
            lambda: len(arrivals.of_kind("trade")) == sum(event.kind == "trade" for event in replayed),
            "all trades have arrived",
        )
        assert by_symbol(arrivals.events) == by_symbol(replayed)
        task.cancel()
        await asyncio.wait([task])
