"""Which stream queue a symbol's events travel through."""

from __future__ import annotations

from functools import lru_cache
from zlib import crc32

EVENT_QUEUE_PREFIX = "market.events."


def event_queue(shard: int) -> str:
    """Return the name of a shard's stream queue."""
    return f"{EVENT_QUEUE_PREFIX}{shard}"


@lru_cache(maxsize=65_536)
def shard_of(symbol: str, shards: int) -> int:
    """Return the shard of a symbol: always the same one, so that its events keep their order."""
    return crc32(symbol.encode()) % shards
