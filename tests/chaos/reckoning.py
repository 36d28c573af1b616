"""What has become of the events: what is lost, what is there twice, what nobody expected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.integration.stream_job.market import Snapshot
from tests.integration.stream_job.reference import Candle

EXAMPLES_SHOWN = 5


@dataclass(frozen=True)
class Tally:
    """The rows of one table: how many should be there, and how many are wrong in which way."""

    table: str
    expected: int
    lost: int = 0
    duplicated: int = 0
    unexpected: int = 0
    examples: tuple[str, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether the table is exactly as it should be."""
        return not (self.lost or self.duplicated or self.unexpected)

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.table,
            self.expected + other.expected,
            self.lost + other.lost,
            self.duplicated + other.duplicated,
            self.unexpected + other.unexpected,
            (self.examples + other.examples)[:EXAMPLES_SHOWN],
        )


@dataclass(frozen=True)
class WrittenCandle:
    """A candle as it is in the table, with the revision that its events come to."""

    candle: Candle
    revision: int

    @classmethod
    def of_trades(cls, candle: Candle) -> WrittenCandle:
        """The revision is twice the number of events, plus one when it is final."""
        return cls(candle, 2 * candle.trade_count + candle.is_final)


def tally_snapshots(expected: Iterable[Snapshot], found: Sequence[Snapshot]) -> Tally:
    """Events are the same when their ids are; one whose content differs is unexpected."""
    wanted = {row[0]: row for row in expected}
    times = Counter(row[0] for row in found)
    lost = sorted(wanted.keys() - times.keys())
    twice = sorted(event_id for event_id, count in times.items() if count > 1)
    strange = [row for row in found if wanted.get(row[0]) != row]
    return Tally(
        "snapshots",
        len(wanted),
        len(lost),
        sum(times[event_id] - 1 for event_id in twice),
        len(strange),
        _examples({"lost": lost, "duplicated": twice, "unexpected": strange}),
    )


def tally_candles(interval: str, expected: Iterable[WrittenCandle], found: Iterable[WrittenCandle]) -> Tally:
    """Sort out what is wrong with the candles of an interval.

    One that is missing is lost; one of too many trades holds some twice; any other difference is
    unexpected, as is a candle where there should be none.
    """
    wanted = {_key(written): written for written in expected}
    there = {_key(written): written for written in found}
    lost = sorted(wanted.keys() - there.keys())
    wrong = [(wanted.get(key), written) for key, written in there.items() if wanted.get(key) != written]
    twice = [pair for pair in wrong if pair[0] and pair[1].candle.trade_count > pair[0].candle.trade_count]
    strange = [pair for pair in wrong if pair not in twice]
    return Tally(
        f"candles {interval}",
        len(wanted),
        len(lost),
        len(twice),
        len(strange),
        _examples({"lost": lost, "duplicated": twice, "unexpected": strange}),
    )


def _key(written: WrittenCandle) -> tuple[str, str]:
    return written.candle.symbol, written.candle.bucket_start.isoformat()


def _examples(found: Mapping[str, Sequence[object]]) -> tuple[str, ...]:
    return tuple(f"{what}: {one}" for what, some in found.items() for one in some[:EXAMPLES_SHOWN])
