"""A corrected candle changes exactly what depends on it."""

import msgspec
import pytest

from stream_job.indicators.candle import Candle
from stream_job.indicators.catalogue import VALUES
from stream_job.indicators.indicator_set import IndicatorSet
from stream_job.indicators.series import IndicatorSeries, IndicatorValue, NotRecomputable
from tests.unit.indicators.candles import MINUTE, walk

Table = dict[tuple[int, str], float | None]


def apply(series: IndicatorSeries, candle: Candle) -> list[IndicatorValue]:
    changes = series.apply(candle)
    assert not isinstance(changes, NotRecomputable)
    return changes


def feed(series: IndicatorSeries, candles: list[Candle]) -> Table:
    return {
        (value.bucket_start, value.name): value.value for candle in candles for value in apply(series, candle)
    }


def from_scratch(candles: list[Candle]) -> Table:
    indicators = IndicatorSet()
    return {
        (candle.bucket_start, name): value
        for candle in sorted(candles, key=lambda candle: candle.bucket_start)
        for name, value in indicators.update(candle).items()
    }


def higher(candle: Candle) -> Candle:
    return msgspec.structs.replace(
        candle, high=candle.high * 1.1, close=candle.high * 1.05, revision=candle.revision + 2
    )


def as_table(changes: list[IndicatorValue]) -> Table:
    return {(change.bucket_start, change.name): change.value for change in changes}


def test_a_new_candle_returns_all_its_values_null_while_warming_up() -> None:
    changes = apply(IndicatorSeries(), walk(1)[0])

    assert [change.name for change in changes] == list(VALUES)
    assert {change.name for change in changes if change.value is not None} == {"vwap_day", "obv"}


@pytest.mark.parametrize("back", [0, 1, 15, 16, 17, 40, 63])
def test_a_correction_returns_every_value_that_changed_and_no_other(back: int) -> None:
    candles = walk(300)
    series = IndicatorSeries()
    before = feed(series, candles)
    position = len(candles) - 1 - back
    corrected = higher(candles[position])

    changes = as_table(apply(series, corrected))

    after = from_scratch([*candles[:position], corrected, *candles[position + 1 :]])
    assert changes == {key: value for key, value in after.items() if before[key] != value}
    assert len(changes) > len(VALUES) // 2


def test_a_candle_that_was_missing_is_inserted_in_its_place() -> None:
    candles = walk(100)
    late = candles[80]
    series = IndicatorSeries()
    table = feed(series, [*candles[:80], *candles[81:]])

    changes = as_table(apply(series, late))

    assert table | changes == from_scratch(candles)
    assert {name for start, name in changes if start == late.bucket_start} == set(VALUES)


def test_history_may_come_before_the_first_candle_while_nothing_was_forgotten() -> None:
    candles = walk(60)
    series = IndicatorSeries()
    table = feed(series, candles[40:])
    for earlier in reversed(candles[:40]):
        table |= as_table(apply(series, earlier))

    assert table == from_scratch(candles)


def test_the_same_candle_again_changes_nothing() -> None:
    candles = walk(50)
    series = IndicatorSeries()
    feed(series, candles)

    assert apply(series, candles[30]) == []


def test_an_out_of_date_version_of_a_candle_changes_nothing() -> None:
    candles = walk(50)
    series = IndicatorSeries()
    feed(series, candles)
    apply(series, higher(candles[30]))

    assert apply(series, candles[30]) == []


def test_a_correction_older_than_what_is_retained_is_reported_and_changes_nothing() -> None:
    candles = walk(200)
    series = IndicatorSeries(retained=64)
    feed(series, candles)
    before = series.to_bytes()

    outcome = series.apply(higher(candles[50]))

    assert isinstance(outcome, NotRecomputable)
    assert outcome.bucket_start == candles[50].bucket_start
    assert outcome.recomputable_after >= candles[50].bucket_start
    assert series.to_bytes() == before


def test_as_many_candles_as_promised_stay_recomputable_and_no_more_than_a_state_apart() -> None:
    candles = walk(500)
    series = IndicatorSeries(retained=64)
    feed(series, candles)

    oldest = next(
        index for index, candle in enumerate(candles) if not isinstance(series.apply(candle), NotRecomputable)
    )

    assert 64 <= len(candles) - oldest < 64 + 16


def test_revisions_are_the_sum_of_those_of_the_candles_and_grow_with_every_correction() -> None:
    candles = walk(40)
    series = IndicatorSeries()
    for candle in candles:
        changes = apply(series, candle)
    assert {change.revision for change in changes} == {40 * 3}

    changes = apply(series, higher(candles[30]))

    assert {change.bucket_start // MINUTE: change.revision for change in changes} == {
        minute: (minute + 1) * 3 + 2 for minute in range(30, 40)
    }


def test_equal_candles_give_equal_revisions_in_whatever_order_they_came() -> None:
    candles = walk(30)
    corrected = higher(candles[10])
    one, other = IndicatorSeries(), IndicatorSeries()
    feed(one, [*candles, corrected])
    feed(other, [*candles[:10], corrected, *candles[11:20], *candles[21:], candles[20]])

    last = walk(31)[-1]
    assert apply(one, last) == apply(other, last)


def test_a_series_that_retains_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1 candle"):
        IndicatorSeries(retained=0)
