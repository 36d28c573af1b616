"""Several indicators over the same candles."""

from collections.abc import Sequence
from typing import Self

import msgspec

from stream_job.indicators.candle import Candle
from stream_job.indicators.catalogue import CATALOGUE, IndicatorDefinition

_encoder = msgspec.msgpack.Encoder()
_states_decoder = msgspec.msgpack.Decoder(dict[str, msgspec.Raw])


class IndicatorSet:
    """The indicators of `definitions`, fed with the final candles of one series in order."""

    def __init__(self, definitions: Sequence[IndicatorDefinition] = CATALOGUE) -> None:
        self._indicators = {definition.key: definition.create() for definition in definitions}
        self._names = {
            definition.key: tuple(value.name for value in definition.values) for definition in definitions
        }

    def update(self, candle: Candle) -> dict[str, float | None]:
        """Fold the next candle in and return every value by name, None where there is none yet."""
        values: dict[str, float | None] = {}
        for key, names in self._names.items():
            value = self._indicators[key].update(candle)
            if isinstance(value, tuple):
                values.update(zip(names, value, strict=True))
            elif value is None:
                values.update(dict.fromkeys(names))
            else:
                values[names[0]] = value
        return values

    def to_bytes(self) -> bytes:
        """Snapshot every indicator's state."""
        return _encoder.encode(self._indicators)

    @classmethod
    def from_bytes(cls, data: bytes, definitions: Sequence[IndicatorDefinition] = CATALOGUE) -> Self:
        """Restore a snapshot: indicators that it lacks are fresh, those not in `definitions` dropped."""
        restored = cls(definitions)
        for key, state in _states_decoder.decode(data).items():
            fresh = restored._indicators.get(key)
            if fresh is not None:
                restored._indicators[key] = msgspec.msgpack.decode(state, type=type(fresh))
        return restored
