"""What Coinbase Exchange's REST API answers for candles, made up for any product but `NO-NE`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from tests.answers import Answer
from tests.integration.producer.json_server import refusal

MOST_CANDLES = 300
TOO_MANY = refusal(
    400,
    {
        "message": "granularity too small for the requested time range. "
        "Count of aggregations requested exceeds 300"
    },
)
RATE_LIMITED = refusal(429, {"message": "Public rate limit exceeded"})
FAILING = refusal(500, {"message": "Internal server error"})


@dataclass
class CandleVenue:
    """Answers candles newest first, none where nothing traded; `refusals` come before the next answers."""

    quiet: set[int] = field(default_factory=set)  # beginnings in seconds since the epoch
    refusals: list[Answer] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)

    def answer(self, path: str) -> object | None:
        """The answer to a path with its query."""
        address = urlsplit(path)
        product = address.path.split("/")[2]
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        self.calls.append((query["start"], query["end"]))
        if self.refusals:
            return self.refusals.pop(0)
        if product == "NO-NE":
            return None
        return self._candles(int(query["granularity"]), _seconds(query["start"]), _seconds(query["end"]))

    def _candles(self, length: int, start: int, end: int) -> object:
        buckets = range(start - start % length, end + 1, length)  # the one that begins at the end counts
        if len(buckets) > MOST_CANDLES:
            return TOO_MANY
        return [candle(bucket) for bucket in reversed(buckets) if bucket not in self.quiet]


def candle(bucket: int) -> list[float]:
    """Time, low, high, open, close, volume."""
    return [bucket, 100.01, 100.99, 100.25, 100.5, 0.00000001]


def minutes(start: datetime, numbers: Iterable[int]) -> set[int]:
    """The beginnings of some minutes after a start, in seconds since the epoch."""
    return {int(start.timestamp()) + 60 * number for number in numbers}


def _seconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp())
