"""Plays a recording into a sink: in time, with heartbeats on the way and marks at both ends."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from producer.errors import RecordingError
from producer.events import (
    MICROSECONDS_PER_SECOND,
    MarketEvent,
    clock_micros,
    feed_begin,
    feed_break,
    heartbeat,
)
from producer.providers.protocol import EventSink
from producer.providers.replay.timing import Timing

EVENTS_PER_STEP = 4_000
STEP_MICROS = 50_000


@dataclass
class Played:
    """What a playback has read and published so far, by symbol as published; None for heartbeats."""

    read: Counter[str | None] = field(default_factory=Counter)
    published: Counter[str | None] = field(default_factory=Counter)
    sources: dict[str, str] = field(default_factory=dict)
    first_time: int | None = None
    last_time: int | None = None

    def expected_confirms(self, shards: int) -> Counter[str | None]:
        """Return what the broker must have confirmed by symbol: each heartbeat once a shard."""
        return self.published + Counter({None: self.published[None] * (shards - 1)})


class Playback:
    """Publishes recorded events, and what a live feed would have said around them.

    A recording begins and ends inside candles, so each symbol gets a break at its first and its last
    event. Heartbeats, a second of recorded time apart, move the watermark where nothing trades; the
    last of them carries the time of the last event.
    """

    def __init__(self, timing: Timing, sink: EventSink, on_step: Callable[[Played], None]) -> None:
        self.played = Played()
        self._timing = timing
        self._sink = sink
        self._on_step = on_step
        self._last_of_symbol: dict[str, MarketEvent] = {}
        self._at_once = math.isinf(timing.speed)
        self._newest: MarketEvent | None = None
        self._heartbeat_due = 0
        self._pending: list[MarketEvent] = []

    async def run(self, recorded: Iterator[list[MarketEvent]]) -> None:
        """Publish everything; returns when the sink has taken it, which is before it is confirmed.

        Raises :class:`RecordingError` where the recording ends in one, behind what came before.
        """
        try:
            for events in recorded:
                self._count(events)
                for event in events:
                    if not self._at_once:
                        await self._wait_until_due(event)
                    self._take(event)
                if len(self._pending) >= EVENTS_PER_STEP:
                    await self._step()
        except RecordingError:
            await self._finish()
            raise
        await self._finish()

    async def _finish(self) -> None:
        now = clock_micros()
        for symbol, last in self._last_of_symbol.items():
            self._put(feed_break(last.source, symbol, last.event_time, now))
        if self._newest is not None:
            self._put(heartbeat(self._newest.source, self._newest.event_time, now))
        await self._step()

    async def _wait_until_due(self, event: MarketEvent) -> None:
        # Between two events time passes too: the watermark moves in steps of a recorded second.
        longest = max(STEP_MICROS, int(MICROSECONDS_PER_SECOND / self._timing.speed))
        while (ahead := self._timing.due(event.event_time) - clock_micros()) > 0:
            await self._step()
            pause = min(max(ahead, STEP_MICROS), longest)
            await asyncio.sleep(pause / MICROSECONDS_PER_SECOND)
            self._beat(event.source, min(self._timing.recorded_at(clock_micros()), event.event_time))

    def _count(self, events: list[MarketEvent]) -> None:
        read = Counter(event.symbol for event in events)
        self.played.read.update(
            {self._timing.shifted_symbol(symbol): count for symbol, count in read.items()}
        )

    def _take(self, event: MarketEvent) -> None:
        symbol, time = event.symbol, event.event_time
        if symbol is not None:
            last = self._last_of_symbol.get(symbol)
            if last is None:
                self._begin(symbol, event)
            elif time >= last.event_time:
                self._last_of_symbol[symbol] = event
        self._put(event)
        if self._newest is None or time > self._newest.event_time:
            self._newest = event
            if time >= self._heartbeat_due:
                self._beat(event.source, time)

    def _begin(self, symbol: str, event: MarketEvent) -> None:
        self._last_of_symbol[symbol] = event
        self.played.sources[self._timing.shifted_symbol(symbol) or symbol] = event.source
        # What comes from a live feed's translator begins with a break of its own.
        if event.kind != "break":
            self._put(feed_begin(event.source, symbol, event.event_time, event.ingest_time))

    def _beat(self, source: str, recorded_time: int) -> None:
        if recorded_time >= self._heartbeat_due:
            self._heartbeat_due = recorded_time + MICROSECONDS_PER_SECOND
            self._put(heartbeat(source, recorded_time, clock_micros()))

    def _put(self, event: MarketEvent) -> None:
        self._pending.append(event if self._timing.shift is None else self._timing.shifted(event))

    async def _step(self) -> None:
        events, self._pending = self._pending, []
        if not events:
            return
        await self._sink.publish(events)
        played = self.played
        played.published.update(event.symbol for event in events)
        told = [event.event_time for event in events if event.kind in {"trade", "quote"}]
        if told:
            played.first_time = min(min(told), played.first_time or told[0])
            played.last_time = max(max(told), played.last_time or told[0])
        self._on_step(played)
        # The reading never waits by itself: let the publisher have its turn.
        await asyncio.sleep(0)
