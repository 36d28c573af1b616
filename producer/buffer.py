"""What was accepted and is not confirmed yet: bounded, in order, per shard.

Events collect in a lane's open list until it is a message's worth; then they are sealed into a
:class:`Batch`, whose bytes and ``message_id`` stay the same however often it is sent.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from producer.events import (
    EVENTS_PER_MESSAGE,
    MarketEvent,
    clock_micros,
    decode_events,
    encode_events,
    feed_break,
)
from producer.sharding import event_queue, shard_of


@dataclass(slots=True, eq=False)
class Batch:
    """One message: its events encoded, and the identity it keeps over every re-publish."""

    body: bytes
    count: int
    symbols: Counter[str | None]
    message_id: str = field(default_factory=lambda: uuid4().hex)
    confirmed: bool = False


class Lane:
    """The events on their way to one shard, oldest first: in flight, then sealed, then open."""

    def __init__(self, queue: str) -> None:
        self.queue = queue
        self.in_flight: deque[Batch] = deque()
        self.sealed: deque[Batch] = deque()
        self.open: list[MarketEvent] = []
        self.accepted = 0
        self.settled = 0
        self.filled = asyncio.Event()
        self.full = asyncio.Event()

    def add(self, event: MarketEvent) -> None:
        """Append an event, sealing a batch whenever there is a message's worth."""
        self.open.append(event)
        self.accepted += 1
        if len(self.open) >= EVENTS_PER_MESSAGE:
            self.seal()
            self.full.set()
        elif len(self.open) == 1:
            self.filled.set()

    def seal(self) -> None:
        """Close the open list into a batch of its own."""
        if self.open:
            symbols = Counter(event.symbol for event in self.open)
            self.sealed.append(Batch(encode_events(self.open), len(self.open), symbols))
            self.open = []
        self.filled.set()

    def take(self) -> Batch | None:
        """Move the oldest unsent batch into flight and return it; None when nothing waits."""
        if not self.sealed:
            self.seal()
        if not self.sealed:
            self.filled.clear()
            self.full.clear()
            return None
        batch = self.sealed.popleft()
        if not self.sealed:
            self.full.clear()
        self.in_flight.append(batch)
        return batch

    def settle(self) -> list[Batch]:
        """Forget the confirmed batches at the front of the flight and return them."""
        done = []
        while self.in_flight and self.in_flight[0].confirmed:
            batch = self.in_flight.popleft()
            self.settled += batch.count
            done.append(batch)
        return done

    def drop_oldest(self) -> list[MarketEvent]:
        """Give up the oldest batch that was never sent and return its events.

        One that was sent may have arrived: it is kept, so that what it becomes is known.
        """
        if not self.sealed:
            self.seal()
        if not self.sealed:
            return []
        batch = self.sealed.popleft()
        self.settled += batch.count
        return decode_events(batch.body)


class Buffer:
    """The lanes of all shards under one bound on the events they hold together."""

    def __init__(self, shards: int, capacity: int) -> None:
        self.capacity = capacity
        self.lanes = [Lane(event_queue(shard)) for shard in range(shards)]
        self.dropped_events = 0
        self.settled = asyncio.Condition()
        self._broken: list[dict[str, MarketEvent]] = [{} for _ in range(shards)]

    @property
    def held(self) -> int:
        """How many events are accepted and neither confirmed nor dropped."""
        return sum(lane.accepted - lane.settled for lane in self.lanes)

    async def wait_settled(self) -> None:
        """Wait until everything accepted before this call is confirmed or dropped."""
        targets = [(lane, lane.accepted) for lane in self.lanes]
        async with self.settled:
            await self.settled.wait_for(lambda: all(lane.settled >= target for lane, target in targets))

    def add(self, events: Iterable[MarketEvent]) -> None:
        """Append events to their symbols' shards; a heartbeat goes to every shard."""
        lanes = self.lanes
        shards = len(lanes)
        for event in events:
            if event.symbol is None:
                for lane in lanes:
                    lane.add(event)
            else:
                lanes[shard_of(event.symbol, shards)].add(event)

    def add_dropping_oldest(self, events: Sequence[MarketEvent]) -> None:
        """Append events, making room by dropping the oldest; a break tells of each symbol that lost some."""
        self.add(events)
        while self.held > self.capacity:
            fullest = max(range(len(self.lanes)), key=self._unsent)
            dropped = self.lanes[fullest].drop_oldest()
            if not dropped:
                break
            self._note_loss(fullest, dropped)

    def release_breaks(self, lane: Lane) -> None:
        """Put the breaks that a lane owes at its front, before anything newer is sent."""
        broken = self._broken[self.lanes.index(lane)]
        if broken:
            breaks = list(broken.values())
            broken.clear()
            for start in range(0, len(breaks), EVENTS_PER_MESSAGE):
                part = breaks[start : start + EVENTS_PER_MESSAGE]
                lane.sealed.appendleft(
                    Batch(encode_events(part), len(part), Counter(event.symbol for event in part))
                )

    def _unsent(self, shard: int) -> int:
        lane = self.lanes[shard]
        return sum(batch.count for batch in lane.sealed) + len(lane.open)

    def _note_loss(self, shard: int, dropped: list[MarketEvent]) -> None:
        broken = self._broken[shard]
        for event in dropped:
            if event.symbol is None:
                continue
            if event.kind != "break":
                self.dropped_events += 1
            if event.symbol not in broken:
                # The first loss is enough: everything up to the next candle that has events is gone.
                self.lanes[shard].accepted += 1
                broken[event.symbol] = feed_break(
                    event.source, event.symbol, event.event_time, clock_micros()
                )
