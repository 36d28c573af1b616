"""A market's worth of generated trades, encoded as the messages that producers publish.

Simulated data: prices are seeded random walks. Each message holds events of one shard only, in time order,
as the producer's batches do.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np

from producer.sharding import shard_of

EVENTS_PER_SECOND = 10_000
"""Events in a second of market time, over all symbols: how fast the generated clock runs."""


@dataclass(frozen=True)
class Load:
    """What is generated: `events` trades of `symbols` symbols from `start` (UTC) on, over `shards` queues."""

    events: int
    symbols: int
    shards: int
    start: datetime
    events_per_message: int = 500
    seed: int = 7

    def names(self) -> list[str]:
        """The symbols, all of them labelled as simulated."""
        return [f"LOAD{number}.SIM" for number in range(self.symbols)]


@dataclass(frozen=True)
class Message:
    """One encoded message: its shard and body, how many events it holds, and the sum of their sizes."""

    shard: int
    body: bytes
    events: int
    volume: Decimal


class Market:
    """The random walks behind the messages: the same messages for the same `load` and the same calls."""

    def __init__(self, load: Load) -> None:
        self._random = np.random.default_rng(load.seed)
        names = load.names()
        self._names = [
            [name for name in names if shard_of(name, load.shards) == n] for n in range(load.shards)
        ]
        levels = self._random.integers(1_000, 500_000, load.symbols).tolist()
        self._cents = dict(zip(names, levels, strict=True))
        self._sequence = 0

    @property
    def shards(self) -> list[int]:
        """The shards that have a symbol."""
        return [shard for shard, names in enumerate(self._names) if names]

    def message(self, shard: int, times: list[int]) -> Message:
        """Make a trade at each of these times, in microseconds since the epoch, of the shard's symbols."""
        count = len(times)
        names = self._names[shard]
        picks = self._random.integers(0, len(names), count).tolist()
        steps = self._random.integers(-5, 6, count).tolist()
        sizes = self._random.integers(1, 500_000, count).tolist()
        day = datetime.fromtimestamp(times[0] // 1_000_000, UTC).date().isoformat()
        events = []
        for time, pick, step, size in zip(times, picks, steps, sizes, strict=True):
            name = names[pick]
            cents = self._cents[name] = max(self._cents[name] + step, 1)
            self._sequence += 1
            events.append(
                f'{{"event_id":"simulator:{name}:{self._sequence}","source":"simulator","symbol":"{name}",'
                f'"kind":"trade","event_time":{time},"ingest_time":{time},"trading_day":"{day}",'
                f'"sequence":{self._sequence},"price":{cents // 100}.{cents % 100:02d},'
                f'"size":{size // 10_000}.{size % 10_000:04d}}}'
            )
        return Message(shard, f"[{','.join(events)}]".encode(), count, Decimal(sum(sizes)).scaleb(-4))


def messages(load: Load) -> Iterator[Message]:
    """Yield the load, message by message; the same for the same `load`."""
    market = Market(load)
    first = int(load.start.timestamp()) * 1_000_000
    made = 0
    while made < load.events:
        for shard in market.shards:
            count = min(load.events_per_message, load.events - made)
            if count:
                times = first + (made + np.arange(count) * load.shards) * (1_000_000 // EVENTS_PER_SECOND)
                yield market.message(shard, times.tolist())
                made += count
