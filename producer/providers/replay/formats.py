"""The formats a recording can have, each a generator of lists of market events in file order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum

from producer.events import MarketEvent
from producer.providers.replay.binance import binance_events
from producer.providers.replay.coinbase import coinbase_events
from producer.providers.replay.events import recorded_events
from producer.providers.replay.recording import Recording

Reader = Callable[[Recording], Iterator[list[MarketEvent]]]


class RecordingFormat(StrEnum):
    """What `--format` names."""

    EVENTS = "events"
    BINANCE = "binance"
    COINBASE = "coinbase"

    @property
    def read(self) -> Reader:
        """The generator that reads this format; raises :class:`producer.errors.RecordingError`."""
        return _READERS[self]


_READERS: dict[RecordingFormat, Reader] = {
    RecordingFormat.EVENTS: recorded_events,
    RecordingFormat.BINANCE: binance_events,
    RecordingFormat.COINBASE: coinbase_events,
}
