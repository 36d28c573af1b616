"""The simulator's feed: some past as fast as possible, then the present in real time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from producer.events import (
    MICROSECONDS_PER_MINUTE,
    MICROSECONDS_PER_SECOND,
    MarketEvent,
    clock_micros,
    feed_break,
    heartbeat,
    trade,
)
from producer.providers.protocol import EventSink, FeedStatus, LastPublished
from producer.providers.simulator.market import SimulatedSymbol

# Trades wait for company this long, so that a busy market is not a message a trade.
STEP_MICROS = 50_000
EVENTS_PER_STEP = 500
PAST_HEARTBEAT_SECONDS = 10
YIELD_SECONDS = 0.001


class SimulatorFeed:
    """Publishes the simulated market of some symbols; it can wait, so nothing is ever dropped.

    Because the market is a function of time, a feed that starts again goes on right behind what the
    streams already hold: nothing twice, nothing missing, the price continuous.
    """

    def __init__(
        self,
        symbols: tuple[str, ...],
        seed: int,
        events_per_second: float,
        history_minutes: int,
        source: str = "simulator",
    ) -> None:
        self.status = FeedStatus()
        self._source = source
        self._symbols = symbols
        self._history_minutes = history_minutes
        rate = events_per_second / max(1, len(symbols))
        self._markets = {symbol: SimulatedSymbol(seed, symbol, rate) for symbol in symbols}

    async def run(self, sink: EventSink, last_published: LastPublished) -> None:
        """Publish from where an earlier run stopped, at most the history ago, until cancelled."""
        self.status.begin_period()
        published_to = await self._resume(sink, last_published)
        self.status.state = "catching up"
        pending: list[MarketEvent] = []
        for event in self._events(published_to):
            ahead = event.event_time - clock_micros()
            if ahead > 0 or len(pending) >= EVENTS_PER_STEP:
                await self._publish(sink, pending)
                pending = []
            if ahead > 0:
                self.status.state = "streaming"
                await asyncio.sleep(max(ahead, STEP_MICROS) / MICROSECONDS_PER_SECOND)
            pending.append(event)

    async def _resume(self, sink: EventSink, last_published: LastPublished) -> dict[str, int]:
        """Find the time up to which each symbol is published; a hole before it becomes a break."""
        now = clock_micros()
        # From the start of a minute, so that the first candle is a whole one.
        since = now - self._history_minutes * MICROSECONDS_PER_MINUTE
        since -= since % MICROSECONDS_PER_MINUTE
        streamed = await last_published.streamed(self._source, self._symbols, since)
        stored = await last_published.stored(self._symbols)
        holes = []
        published_to = {}
        for symbol in self._symbols:
            known = max(streamed.get(symbol, since - 1), stored.get(symbol, since - 1), since - 1)
            published_to[symbol] = known
            if symbol in stored and known < since:
                holes.append(feed_break(self._source, symbol, stored[symbol], now))
        self.status.gaps = len(holes)
        await sink.publish(holes)
        return published_to

    def _events(self, published_to: dict[str, int]) -> Iterator[MarketEvent]:
        """Yield every event after the times given, in order of time, without end."""
        second = (min(published_to.values()) + 1) // MICROSECONDS_PER_SECOND
        while True:
            prints = sorted(
                (
                    (fill.event_time, symbol, fill)
                    for symbol, market in self._markets.items()
                    for fill in market.trades(second)
                    if fill.event_time > published_to[symbol]
                ),
                key=lambda item: item[:2],
            )
            for event_time, symbol, fill in prints:
                yield trade(
                    self._source,
                    symbol,
                    event_time=event_time,
                    ingest_time=max(event_time, clock_micros()),
                    sequence=fill.sequence,
                    price=fill.price,
                    size=fill.size,
                )
            second += 1
            end = second * MICROSECONDS_PER_SECOND
            if second % PAST_HEARTBEAT_SECONDS == 0 or end > clock_micros() - MICROSECONDS_PER_MINUTE:
                yield heartbeat(self._source, end, max(end, clock_micros()))

    async def _publish(self, sink: EventSink, events: list[MarketEvent]) -> None:
        if not events:
            return
        await sink.publish(events)
        self.status.events += len(events)
        self.status.last_event_time = events[-1].event_time
        self.status.heard.update({event.symbol: event.ingest_time for event in events if event.symbol})
        # The past is generated without a pause: let the publisher and the API have their turn.
        await asyncio.sleep(YIELD_SECONDS)
