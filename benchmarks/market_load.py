"""A market's worth of generated trades, encoded as the messages that producers publish.

Simulated data: prices are seeded random walks. Each message holds events of one shard only, in time order,
as the producer's batches do.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

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
    """One encoded message: the shard it goes to, its body, and how many events it holds."""

    shard: int
    body: bytes
    events: int


def messages(load: Load) -> Iterator[Message]:
    """Yield the load, message by message; the same for the same `load`."""
    random = np.random.default_rng(load.seed)
    shards = [[name for name in load.names() if shard_of(name, load.shards) == n] for n in range(load.shards)]
    levels = {
        name: int(level)
        for name, level in zip(load.names(), random.integers(1_000, 500_000, load.symbols), strict=True)
    }
    first = int(load.start.timestamp()) * 1_000_000
    made = 0
    while made < load.events:
        for shard, names in enumerate(shards):
            count = min(load.events_per_message, load.events - made)
            if count and names:
                times = first + (made + np.arange(count) * load.shards) * (1_000_000 // EVENTS_PER_SECOND)
                picks = random.integers(0, len(names), count)
                steps = random.integers(-5, 6, count)
                sizes = random.integers(1, 500_000, count)
                yield Message(
                    shard,
                    _encode(
                        names, levels, made, times.tolist(), picks.tolist(), steps.tolist(), sizes.tolist()
                    ),
                    count,
                )
                made += count


def _encode(
    names: list[str],
    levels: dict[str, int],
    sequence: int,
    times: list[int],
    picks: list[int],
    steps: list[int],
    sizes: list[int],
) -> bytes:
    day = datetime.fromtimestamp(times[0] // 1_000_000, UTC).date().isoformat()
    events = []
    for time, pick, step, size in zip(times, picks, steps, sizes, strict=True):
        name = names[pick]
        cents = levels[name] = max(levels[name] + step, 1)
        sequence += 1
        events.append(
            f'{{"event_id":"simulator:{name}:{sequence}","source":"simulator","symbol":"{name}","kind":"trade",'
            f'"event_time":{time},"ingest_time":{time},"trading_day":"{day}","sequence":{sequence},'
            f'"price":{cents // 100}.{cents % 100:02d},"size":{size // 10_000}.{size % 10_000:04d}}}'
        )
    return f"[{','.join(events)}]".encode()
