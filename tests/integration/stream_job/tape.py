"""Trades that are published in parts, with faults between them."""

from datetime import datetime
from pathlib import Path

from producer.events import MarketEvent
from tests.integration.stream_job.generated import MINUTE, disordered, trades
from tests.integration.stream_job.market import Market, snapshots_of
from tests.integration.stream_job.reference import candles_of
from tests.integration.stream_job.waiting import eventually, until_equal

MINUTES = 9
BATCH = 90


class Tape:
    """Trades of several symbols that are published in three parts, the faults between them."""

    def __init__(self, market: Market, start: datetime, symbols: list[str]) -> None:
        self._market = market
        self._start = start
        self.symbols = symbols
        self.events = [
            event
            for seed, symbol in enumerate(symbols)
            for event in trades(symbol, start, minutes=MINUTES, per_minute=100, seed=seed)
        ]

    async def play(self, part: int) -> None:
        """Publish the first, second or third part, in many small messages."""
        events = self._part(part)
        for start in range(0, len(events), BATCH):
            await self._market.publish(events[start : start + BATCH])

    async def is_read(self, part: int) -> None:
        """Wait until the job has written something of the part."""
        ids = {event.event_id for event in self._part(part)}
        await eventually(
            lambda: {row[0] for row in self._market.snapshots(*self.symbols)}, lambda seen: bool(seen & ids)
        )

    async def counts_once(self, folder: Path) -> None:
        """Close all candles; they and the snapshots must be exactly what was published."""
        await self._market.pass_time(self._start + MINUTES * MINUTE)
        await self._market.expect_candles(candles_of(self.events, folder, partial={self._start}))
        await until_equal(lambda: self._market.snapshots(*self.symbols), snapshots_of(self.events))

    def _part(self, part: int) -> list[MarketEvent]:
        size = len(self.events) // 3
        return disordered(self.events)[(part - 1) * size : part * size]
