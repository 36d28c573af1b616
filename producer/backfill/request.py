"""What a backfill is asked for."""

from __future__ import annotations

from dataclasses import dataclass

from producer.backfill.missing import Window
from producer.bars import INTERVAL_MICROS, Interval
from producer.errors import InvalidBackfillError, UnknownProviderError
from producer.events import to_datetime
from producer.providers.bar_source import BarSource
from producer.providers.protocol import Provider

# Nearly six years of minutes. What is missing is worked out in memory.
MOST_BUCKETS = 3_000_000


@dataclass(frozen=True)
class BackfillRequest:
    """Bars of some symbols that begin in a time; with ``again`` also those that were answered before."""

    provider: str
    symbols: tuple[str, ...]
    interval: Interval
    wanted: Window
    again: bool = False

    def as_json(self) -> dict[str, object]:
        """Return it as the column `request` of `ingest_runs` keeps it; times are ISO 8601, UTC."""
        return {
            "symbols": list(self.symbols),
            "interval": self.interval,
            "start": to_datetime(self.wanted.start).isoformat(),
            "end": to_datetime(self.wanted.end).isoformat(),
            "again": self.again,
        }


def checked_request(
    providers: dict[str, Provider],
    name: str,
    symbols: tuple[str, ...],
    interval: Interval | None,
    start: int | None,
    end: int | None,
    now: int,
    *,
    again: bool,
) -> BackfillRequest:
    """Complete a request by what the provider has; times are microseconds since the epoch, UTC.

    Without symbols all of the provider's are meant, without an interval the longest it has, without an end
    the present. Raises :class:`UnknownProviderError` or :class:`InvalidBackfillError`.
    """
    provider = providers.get(name)
    if provider is None or provider.bars is None:
        able = ", ".join(known for known, one in providers.items() if one.bars is not None)
        raise UnknownProviderError(
            f"No provider {name!r} answers bars. Those that do: {able}. One that needs a key is among them "
            f"where its key is set."
        )
    bars = provider.bars
    interval = interval or bars.intervals[-1]
    if interval not in bars.intervals:
        raise InvalidBackfillError(
            f"{name} has no bars of {interval}: choose one of {', '.join(bars.intervals)}."
        )
    extent = bars.extent
    if start is None and extent is None:
        raise InvalidBackfillError(f"{name} has bars up to the present: say from when on you want them.")
    _refuse_forgotten(name, bars, interval, start, now)
    begin = max(bound for bound in (start, extent.start if extent else None) if bound is not None)
    until = min(bound for bound in (end, now, extent.end if extent else None) if bound is not None)
    if begin >= until:
        raise InvalidBackfillError(
            f"There is nothing between {to_datetime(begin)} and {to_datetime(until)}: the start must lie "
            f"before the end, in the past, and within what {name} has."
        )
    buckets = (until - begin) // INTERVAL_MICROS[interval]
    if buckets > MOST_BUCKETS:
        raise InvalidBackfillError(
            f"From {to_datetime(begin)} on there are {buckets:,} bars of {interval}, and at most "
            f"{MOST_BUCKETS:,} can be fetched at a time: choose a longer interval or a shorter time."
        )
    return BackfillRequest(
        name, tuple(dict.fromkeys(symbols or provider.source.symbols)), interval, Window(begin, until), again
    )


def _refuse_forgotten(name: str, bars: BarSource, interval: Interval, start: int | None, now: int) -> None:
    earliest = bars.earliest(interval, now)
    if earliest is not None and start is not None and start < earliest:
        raise InvalidBackfillError(
            f"{name} has bars of {interval} since {to_datetime(earliest)} and no older ones: say a later "
            f"start, or choose a longer interval."
        )
