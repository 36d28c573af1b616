"""The indicators of one symbol and interval, over candles that may still be corrected."""

from collections import deque
from collections.abc import Sequence
from itertools import chain
from typing import Self

import msgspec

from stream_job.indicators.candle import Candle
from stream_job.indicators.catalogue import CATALOGUE, IndicatorDefinition
from stream_job.indicators.indicator_set import IndicatorSet

RETAINED_CANDLES = 64  # an hour of minutes: six times the 10 minutes by which an event may be late
CANDLES_BETWEEN_STATES = 16  # a correction replays at most this many more than it must; a state has 4 kB
STATE_VERSION = 1


class IndicatorValue(msgspec.Struct, frozen=True):
    """A value that is new or has changed; None while warming up, or where it is undefined.

    `revision` is the sum of the revisions of all the candles that the value was computed from, so it grows
    with every correction or insertion of any of them, and equal candles give equal revisions.
    """

    bucket_start: int
    name: str
    value: float | None
    revision: int


class NotRecomputable(msgspec.Struct, frozen=True):
    """The candle is older than what the series retains: nothing changed."""

    bucket_start: int
    recomputable_after: int


class UnknownStateVersionError(ValueError):
    """The state was written by a later release."""


class _Segment(msgspec.Struct):
    """A run of retained candles, with the state before the first of them."""

    state: bytes
    revision: int
    candles: list[Candle]


class _Version(msgspec.Struct):
    version: int


class _State(_Version):
    keys: tuple[str, ...]
    segments: list[_Segment]
    current: bytes
    revision: int
    forgotten_until: int | None


class IndicatorSeries:
    """Accepts final candles, in order or corrected, and returns every value that thereby changed.

    It retains at least the last `retained` candles, in segments that begin with a saved state. A correction
    replays from the state before it, and equals a computation from scratch bit for bit.
    """

    def __init__(
        self,
        definitions: Sequence[IndicatorDefinition] = CATALOGUE,
        retained: int = RETAINED_CANDLES,
    ) -> None:
        if retained < 1:
            raise ValueError(
                f"A series retains at least 1 candle, not {retained}: without any it has no order."
            )
        self._definitions = definitions
        self._retained = retained
        self._segments: list[_Segment] = []
        self._current = IndicatorSet(definitions)
        self._revision = 0
        self._forgotten_until: int | None = None

    def apply(self, candle: Candle) -> list[IndicatorValue] | NotRecomputable:
        """Fold one final candle in: the next one, one that was missing, or a new version of an earlier one.

        The values of a candle that is new are all returned, those of the others where they changed, by
        time. A version whose revision is below that of the candle already there is out of date and changes
        nothing.
        """
        if not self._segments or candle.bucket_start > self._segments[-1].candles[-1].bucket_start:
            changes = self._append(candle)
        elif self._forgotten_until is not None and candle.bucket_start <= self._forgotten_until:
            return NotRecomputable(candle.bucket_start, self._forgotten_until)
        else:
            changes = self._correct(candle)
        self._forget()
        return changes

    def _append(self, candle: Candle) -> list[IndicatorValue]:
        if not self._segments or len(self._segments[-1].candles) >= CANDLES_BETWEEN_STATES:
            self._segments.append(_Segment(self._current.to_bytes(), self._revision, []))
        self._segments[-1].candles.append(candle)
        self._revision += candle.revision
        return [
            IndicatorValue(candle.bucket_start, name, value, self._revision)
            for name, value in self._current.update(candle).items()
        ]

    def _correct(self, candle: Candle) -> list[IndicatorValue]:
        candles = self._rewind(candle.bucket_start)
        unchanged = [earlier for earlier in candles if earlier.bucket_start < candle.bucket_start]
        outdated = candles[len(unchanged) :]
        replaced = outdated[:1] if outdated[0].bucket_start == candle.bucket_start else []
        if replaced and candle.revision < replaced[0].revision:
            candle = replaced[0]
        for earlier in unchanged:
            self._append(earlier)
        before = IndicatorSet.from_bytes(self._current.to_bytes(), self._definitions)
        known = {
            (earlier.bucket_start, name): value
            for earlier in outdated
            for name, value in before.update(earlier).items()
        }
        corrected = chain.from_iterable(map(self._append, [candle, *outdated[len(replaced) :]]))
        missing = object()
        return [
            value
            for value in corrected
            if known.get((value.bucket_start, value.name), missing) != value.value
        ]

    def _rewind(self, bucket_start: int) -> list[Candle]:
        """Return to the last state saved before `bucket_start`, or the oldest; give the candles after it."""
        undone: deque[Candle] = deque()
        while True:
            segment = self._segments.pop()
            undone.extendleft(reversed(segment.candles))
            if segment.candles[0].bucket_start <= bucket_start or not self._segments:
                break
        self._current = IndicatorSet.from_bytes(segment.state, self._definitions)
        self._revision = segment.revision
        return list(undone)

    def _forget(self) -> None:
        held = sum(len(segment.candles) for segment in self._segments)
        while held - len(self._segments[0].candles) >= self._retained:
            forgotten = self._segments.pop(0).candles
            held -= len(forgotten)
            self._forgotten_until = forgotten[-1].bucket_start

    def to_bytes(self) -> bytes:
        """Snapshot the series, candles included."""
        return msgspec.msgpack.encode(
            _State(
                version=STATE_VERSION,
                keys=tuple(definition.key for definition in self._definitions),
                segments=self._segments,
                current=self._current.to_bytes(),
                revision=self._revision,
                forgotten_until=self._forgotten_until,
            )
        )

    @classmethod
    def from_bytes(
        cls,
        data: bytes,
        definitions: Sequence[IndicatorDefinition] = CATALOGUE,
        retained: int = RETAINED_CANDLES,
    ) -> Self:
        """Restore a snapshot, also one of a release with other indicators.

        An indicator that the snapshot does not know starts at the oldest candle retained in it.
        UnknownStateVersionError: a later release wrote the snapshot.
        """
        version = msgspec.msgpack.decode(data, type=_Version).version
        if version > STATE_VERSION:
            raise UnknownStateVersionError(
                f"This indicator state has version {version}, and this release reads up to {STATE_VERSION}: "
                "restore it with the release that wrote it, or a later one."
            )
        state = msgspec.msgpack.decode(data, type=_State)
        series = cls(definitions, retained)
        series._segments = state.segments
        series._current = IndicatorSet.from_bytes(state.current, definitions)
        series._revision = state.revision
        series._forgotten_until = state.forgotten_until
        if state.segments and any(definition.key not in state.keys for definition in definitions):
            for candle in series._rewind(state.segments[0].candles[0].bucket_start):
                series._append(candle)
        return series
