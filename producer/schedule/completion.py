"""The job that makes candles whole in which a feed began, broke or resumed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from db.models import Candle
from producer.backfill.request import checked_request
from producer.bars import INTERVAL_MICROS, Interval
from producer.database import Database
from producer.errors import JobFailedError, ProducerError
from producer.events import MICROSECONDS_PER_DAY, MICROSECONDS_PER_MINUTE, to_datetime, to_micros
from producer.providers.protocol import Provider
from producer.schedule.backfilling import Fill

LOOKBACK_MICROS = 2 * MICROSECONDS_PER_DAY
# A provider has a bar some time after its end, and late events still make a candle of ours partial.
SETTLING_MICROS = 15 * MICROSECONDS_PER_MINUTE
# Daily bars have jobs of their own.
WITHOUT_A_JOB: tuple[Interval, ...] = ("1m", "5m", "15m", "1h")


@dataclass(frozen=True)
class PartialCandles:
    """What a source has to be asked for: microseconds since the epoch, UTC, ``end`` excluded."""

    source: str
    interval: Interval
    symbols: tuple[str, ...]
    start: int
    end: int


class Completion:
    """Orders backfills for what is partial of the last two days; what was answered is not asked again."""

    def __init__(
        self, database: Database, providers: Mapping[str, Provider], fill: Fill, clock: Callable[[], int]
    ) -> None:
        self._database = database
        self._providers = providers
        self._fill = fill
        self._clock = clock

    async def complete_candles(self) -> str:
        """Order a backfill for each source and interval; returns how many there were.

        Raises :class:`JobFailedError` with the reasons where some failed, when all have been tried.
        """
        partial = [
            found
            for name, provider in self._providers.items()
            if can_complete(provider)
            for found in await self._partial(name, provider)
        ]
        failures = []
        for one in partial:
            try:
                await self._fill_partial(one)
            except ProducerError as error:
                failures.append(f"{one.source} {one.interval}: {error}")
        asked = ", ".join(f"{one.interval} of {one.source}" for one in partial)
        said = f"Partial candles were asked for: {asked}." if partial else "No candle is partial."
        if failures:
            raise JobFailedError(f"{said} {' '.join(failures)}")
        return said

    async def _fill_partial(self, one: PartialCandles) -> None:
        known = dict(self._providers)
        await self._fill(
            checked_request(
                known, one.source, one.symbols, one.interval, one.start, one.end, self._clock(), again=False
            )
        )

    async def _partial(self, name: str, provider: Provider) -> list[PartialCandles]:
        intervals = provider.bars.intervals if provider.bars else ()
        found = [
            await self._partial_of(name, interval, provider.source.symbols)
            for interval in WITHOUT_A_JOB
            if interval in intervals
        ]
        return [one for one in found if one is not None]

    async def _partial_of(
        self, name: str, interval: Interval, symbols: Sequence[str]
    ) -> PartialCandles | None:
        now = self._clock()
        query = select(
            func.array_agg(Candle.symbol.distinct()),
            func.min(Candle.bucket_start),
            func.max(Candle.bucket_start),
        ).where(
            # By the whole key, so that two days are read and not the table.
            Candle.symbol.in_(symbols),
            Candle.interval == interval,
            Candle.bucket_start >= to_datetime(now - LOOKBACK_MICROS),
            Candle.bucket_start < to_datetime(now - SETTLING_MICROS),
            Candle.source == name,
            Candle.is_partial,
            Candle.is_final,
            Candle.origin == "stream",
        )
        partial, first, last = await self._database.transaction(
            lambda connection: connection.execute(query).one()
        )
        if partial is None:
            return None
        end = to_micros(last) + INTERVAL_MICROS[interval]
        return PartialCandles(name, interval, tuple(sorted(partial)), to_micros(first), end)


def can_complete(provider: Provider) -> bool:
    """Say whether a provider streams, and has bars up to the present that cost none of a day's calls."""
    bars = provider.bars
    return (
        provider.feed is not None
        and not has_daily_quota(provider)
        and bars is not None
        and bars.extent is None
        and any(one in bars.intervals for one in WITHOUT_A_JOB)
    )


def has_daily_quota(provider: Provider) -> bool:
    """Say whether a provider answers so many calls a day and no more."""
    return provider.meter is not None and any(limit.period == "day" for limit in provider.meter.budget.limits)
