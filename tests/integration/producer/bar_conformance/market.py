"""What one symbol has traded, made up bucket for bucket, up to a time of the test's own."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from producer.backfill.missing import Window, expected_buckets
from producer.bars import INTERVAL_MICROS, Interval
from producer.events import MICROSECONDS_PER_DAY, to_micros

# A Tuesday, two days after the clocks in New York were put forward; its exchanges opened two hours ago.
NOW = datetime(2025, 3, 11, 15, 30, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    """A bucket; of one in which nothing traded, with the price before it."""

    start: int
    open: str
    high: str
    low: str
    close: str
    volume: str
    trades: int


@dataclass
class Market:
    """A symbol that trades in every bucket in which its venue is open, except in those that are quiet."""

    calendar: str
    quiet: Collection[int] = ()
    is_dead: bool = False

    def rows(self, interval: Interval, start: int, end: int) -> list[Row]:
        """Every bucket that begins in ``[start, end)`` and before now, oldest first: the last one grows."""
        if self.is_dead:
            return []
        now = to_micros(NOW)
        # A session of today that goes on is a row, too.
        begun = now + max(INTERVAL_MICROS[interval], MICROSECONDS_PER_DAY)
        starts = expected_buckets(self.calendar, interval, Window(start, end), begun)
        return [self._row(interval, start) for start in starts if start <= now]

    def traded(self, interval: Interval, start: int, end: int) -> list[Row]:
        """Those rows in which something traded."""
        return [row for row in self.rows(interval, start, end) if row.trades]

    def _row(self, interval: Interval, start: int) -> Row:
        number = start // INTERVAL_MICROS[interval] % 1_000
        if start in self.quiet:
            return Row(start, "100.01", "100.01", "100.01", "100.01", "0.00000000", 0)
        return Row(
            start,
            open=f"100.{number:03}1",
            high=f"101.{number:03}0000000000000002",
            low=f"99.{number:03}5",
            close=f"100.{number:03}9",
            volume=f"{number}.00000001",
            trades=number + 1,
        )
