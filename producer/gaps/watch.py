"""Looks for gaps in what is streamed, once a minute, and for those that have been filled since."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from producer.backfill.missing import Window, expected_buckets, missing_buckets
from producer.database import DATABASE_ERRORS, one_line
from producer.events import MICROSECONDS_PER_DAY, MICROSECONDS_PER_MINUTE, clock_micros
from producer.gaps.detection import find_gaps
from producer.gaps.ledger import GapLedger, OpenGap, Series

logger = logging.getLogger(__name__)

PERIOD_SECONDS = 60.0
# As long as the streams keep events by default; older gaps are known already.
LOOKBACK_MICROS = 7 * MICROSECONDS_PER_DAY
# A late break may still make a candle partial that was whole, for ten minutes.
CORRECTION_MICROS = 15 * MICROSECONDS_PER_MINUTE
# A candle shows within seconds of its first trade.
SETTLING_MICROS = 2 * MICROSECONDS_PER_MINUTE


class GapWatch:
    """Finds gaps in candles, and closes those that are filled."""

    def __init__(self, ledger: GapLedger, clock: Callable[[], int] = clock_micros) -> None:
        self._ledger = ledger
        self._clock = clock
        # Up to this whole candle all of a symbol's gaps are written down.
        self._settled: dict[str, int] = {}

    async def look(self) -> None:
        """Look once; raises one of ``DATABASE_ERRORS``."""
        now = self._clock()
        earliest = now - LOOKBACK_MICROS
        for series in await self._ledger.streamed(earliest):
            window = Window(max(self._settled.get(series.symbol, earliest), earliest), now)
            whole, partial = await self._ledger.minutes(series.symbol, window)
            expected = await self._expected(series, window)
            await self._ledger.note(series, find_gaps(expected, whole, partial))
            settled = max((start for start in whole if start <= now - CORRECTION_MICROS), default=None)
            if settled is not None:
                self._settled[series.symbol] = settled
        for gap in await self._ledger.open_gaps():
            if not await self._is_missing_something(gap):
                await self._ledger.close(gap)
                logger.info("a gap of %s is filled", gap.series.symbol)

    async def _is_missing_something(self, gap: OpenGap) -> bool:
        whole, _ = await self._ledger.minutes(gap.series.symbol, gap.window)
        answered = await self._ledger.answered(gap)
        return bool(missing_buckets(await self._expected(gap.series, gap.window), whole, answered))

    async def _expected(self, series: Series, window: Window) -> list[int]:
        finished_by = self._clock() - SETTLING_MICROS
        try:
            return await asyncio.to_thread(expected_buckets, series.calendar, "1m", window, finished_by)
        except ValueError as error:
            logger.warning("gaps of %s cannot be looked for: %s", series.symbol, error)
            return []


async def keep_looking(*looks: Callable[[], Awaitable[None]]) -> None:
    """Look once a minute until cancelled; while the database is away there is nothing to look at."""
    trouble: str | None = None
    while True:
        await asyncio.sleep(PERIOD_SECONDS)
        try:
            for look in looks:
                await look()
            trouble = None
        except DATABASE_ERRORS as error:
            if one_line(error) != trouble:
                trouble = one_line(error)
                logger.warning("gaps cannot be looked for, the database is away: %s", trouble)
