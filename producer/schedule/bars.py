"""The jobs that keep daily bars complete: after each close, and anew once a week."""

from __future__ import annotations

from producer.backfill.request import checked_request
from producer.events import MICROSECONDS_PER_DAY
from producer.providers.protocol import Provider
from producer.schedule.backfilling import Fill

# What a closed venue, an outage or a provider's bad day has left out is made up for.
LOOKBACK_DAYS = 10


async def fetch_daily_bars(provider: Provider, fill: Fill, now: int) -> str:
    """Fetch the daily bars that are missing of the last days; ``now`` in microseconds UTC.

    Raises :class:`ProducerError` as the backfill does.
    """
    name = provider.source.name
    start = _since(provider, now, LOOKBACK_DAYS)
    return await fill(checked_request({name: provider}, name, (), "1d", start, None, now, again=False))


async def refresh_daily_bars(provider: Provider, fill: Fill, now: int, days: int) -> str:
    """Fetch so many days of bars again, for a provider that has corrected or adjusted them since.

    Of a provider that forgets, those that it still has.
    Whole candles of the stream stay as they are. Raises :class:`ProducerError` as the backfill does.
    """
    name = provider.source.name
    start = _since(provider, now, days)
    return await fill(checked_request({name: provider}, name, (), "1d", start, None, now, again=True))


def has_new_daily_bars(provider: Provider) -> bool:
    """Say whether a provider has daily bars up to the present, and symbols to ask for."""
    bars = provider.bars
    return (
        bars is not None and "1d" in bars.intervals and bars.extent is None and bool(provider.source.symbols)
    )


def _since(provider: Provider, now: int, days: int) -> int:
    start = now - days * MICROSECONDS_PER_DAY
    earliest = None if provider.bars is None else provider.bars.earliest("1d", now)
    return start if earliest is None else max(start, earliest)
