"""What a provider of bars is to the rest of the producer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from producer.bars import Bar, Interval

# Awaited before each call that a question costs, so that a call which fails has been counted too.
BeforeCall = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Extent:
    """The only time `[start, end)` of which a source has anything: microseconds since the epoch, UTC."""

    start: int
    end: int


class BarSource(Protocol):
    """A provider that answers bars of the past."""

    @property
    def intervals(self) -> tuple[Interval, ...]:
        """The lengths of the bars that it has, the shortest first."""

    @property
    def buckets_per_call(self) -> int:
        """Over how many buckets, traded in or not, one question may reach."""

    @property
    def extent(self) -> Extent | None:
        """The only time of which it has bars; None where they reach to the present."""

    def earliest(self, interval: Interval, now: int) -> int | None:
        """Return from when on it has bars of an interval, where it forgets older ones; else None.

        Times are microseconds since the epoch, UTC.
        """

    async def bars(
        self, symbol: str, interval: Interval, start: int, end: int, before_call: BeforeCall
    ) -> list[Bar]:
        """Fetch every bar that begins in ``[start, end)``, in any order; one may be unfinished.

        A bucket in which nothing traded has none. Most need one call, those that answer in pages several.
        Raises :class:`producer.errors.ProviderError`, whose ``retry`` says when to ask again.
        """
