"""What a client may follow: a channel of a symbol, and of candles one interval."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

Channel = Literal["ticks", "candles", "alerts"]

CHANNELS: tuple[Channel, ...] = ("ticks", "candles", "alerts")


class Topic(NamedTuple):
    """One thing that is followed; `interval` is None where the channel has no candles."""

    channel: Channel
    symbol: str
    interval: str | None = None


def topics(symbols: Iterable[str], channels: Iterable[Channel], interval: str) -> Iterator[Topic]:
    """Name every topic that these symbols and channels stand for."""
    for symbol in symbols:
        for channel in channels:
            yield Topic(channel, symbol, interval if channel == "candles" else None)
