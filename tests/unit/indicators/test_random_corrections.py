"""Whatever comes late, in whatever order, the table ends as a computation from scratch would have it."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_job.indicators.candle import Candle
from stream_job.indicators.indicator_set import IndicatorSet
from stream_job.indicators.series import IndicatorSeries, NotRecomputable
from tests.unit.indicators.candles import MINUTE, candle, walk

RETAINED = 24

prices = st.floats(1e-6, 1e6)
volumes = st.one_of(st.just(0.0), st.floats(1e-6, 1e6))
steps = st.tuples(
    st.sampled_from(["next", "next", "correct", "fill", "restart"]), st.integers(0, 40), prices, volumes
)


class World:
    """The series under test, the table that its changes keep, and every candle that it accepted."""

    def __init__(self) -> None:
        self.series = IndicatorSeries(retained=RETAINED)
        self.table: dict[tuple[int, str], tuple[float | None, int]] = {}
        self.candles: dict[int, Candle] = {}

    @property
    def last_minute(self) -> int:
        return max(self.candles, default=0) // MINUTE

    def apply(self, new: Candle) -> None:
        """Apply it as a stored row would be: each change is one, and has a higher revision."""
        old = self.candles.get(new.bucket_start)
        new = msgspec.structs.replace(new, revision=3 if old is None else old.revision + 2)
        changes = self.series.apply(new)
        if isinstance(changes, NotRecomputable):
            assert sum(start > new.bucket_start for start in self.candles) >= RETAINED
            return
        self.candles[new.bucket_start] = new
        for change in changes:
            key = (change.bucket_start, change.name)
            if key in self.table:
                value, revision = self.table[key]
                assert change.value != value
                assert change.revision > revision
            self.table[key] = (change.value, change.revision)

    def values(self) -> dict[tuple[int, str], float | None]:
        return {key: value for key, (value, _) in self.table.items()}

    def from_scratch(self) -> dict[tuple[int, str], float | None]:
        indicators = IndicatorSet()
        return {
            (start, name): value
            for start, candle in sorted(self.candles.items())
            for name, value in indicators.update(candle).items()
        }


@settings(max_examples=60, deadline=None, derandomize=True)
@given(history=st.integers(0, 230), script=st.lists(steps, max_size=25))
def test_random_late_candles_leave_what_a_computation_from_scratch_gives(
    history: int, script: list[tuple[str, int, float, float]]
) -> None:
    world = World()
    for earlier in walk(history):
        world.apply(earlier)
    for kind, number, price, volume in script:
        if kind == "restart":
            world.series = IndicatorSeries.from_bytes(world.series.to_bytes(), retained=RETAINED)
            continue
        if kind == "next":
            minute = world.last_minute + 1 + number % 4 * 7
        elif kind == "correct" and world.candles:
            minute = sorted(world.candles)[-1 - number % len(world.candles)] // MINUTE
        else:
            minute = max(world.last_minute - number, 0)
        world.apply(candle(minute, price, spread=0.01, volume=volume))

    assert world.values() == world.from_scratch()
