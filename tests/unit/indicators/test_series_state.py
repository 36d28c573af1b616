"""The state of a series survives restarts and releases."""

import msgspec
import pytest

from stream_job.indicators.catalogue import CATALOGUE
from stream_job.indicators.indicator_set import IndicatorSet
from stream_job.indicators.series import IndicatorSeries, NotRecomputable, UnknownStateVersionError
from tests.unit.indicators.candles import definition, walk


@pytest.mark.parametrize("length", [0, 1, 16, 17, 40, 250])
def test_a_restored_series_goes_on_as_if_nothing_had_happened(length: int) -> None:
    candles = walk(length + 40)
    series = IndicatorSeries()
    for candle in candles[:length]:
        series.apply(candle)
    restored = IndicatorSeries.from_bytes(series.to_bytes())

    assert restored.to_bytes() == series.to_bytes()
    for candle in candles[length:]:
        assert restored.apply(candle) == series.apply(candle)
    late = msgspec.structs.replace(candles[length], volume=1e6, revision=5)
    assert restored.apply(late) == series.apply(late) != []


def test_the_state_is_small_and_stops_growing() -> None:
    series = IndicatorSeries()
    sizes = []
    for candle in walk(600):
        series.apply(candle)
        sizes.append(len(series.to_bytes()))

    assert max(sizes) < 40_000
    assert max(sizes[300:]) - max(sizes[:300]) < 1_000


def test_an_indicator_that_a_later_release_adds_warms_up_from_the_retained_candles() -> None:
    old_release = [added for added in CATALOGUE if added.key not in {"ema_26", "bollinger_20_2"}]
    candles = walk(150)
    series, all_along = IndicatorSeries(old_release), IndicatorSeries()
    for candle in candles[:-1]:
        series.apply(candle)
        all_along.apply(candle)

    oldest = series.apply(candles[0])
    assert isinstance(oldest, NotRecomputable)

    upgraded = IndicatorSeries.from_bytes(series.to_bytes())
    changes = upgraded.apply(candles[-1])

    expected = all_along.apply(candles[-1])
    assert isinstance(changes, list)
    assert isinstance(expected, list)
    warmed = IndicatorSet([definition("ema_26")])
    for candle in candles:
        if candle.bucket_start > oldest.recomputable_after:
            ema = warmed.update(candle)["ema_26"]
    values = {change.name: change.value for change in changes}
    assert values["ema_26"] == ema
    assert [change for change in changes if change.name != "ema_26"] == [
        change for change in expected if change.name != "ema_26"
    ]


def test_a_late_correction_after_an_upgrade_also_reaches_the_added_indicator() -> None:
    candles = walk(60)
    series = IndicatorSeries([kept for kept in CATALOGUE if kept.key != "obv"])
    for candle in candles:
        series.apply(candle)
    upgraded = IndicatorSeries.from_bytes(series.to_bytes())

    changes = upgraded.apply(msgspec.structs.replace(candles[50], volume=1e6, revision=5))

    assert isinstance(changes, list)
    assert [change.bucket_start for change in changes if change.name == "obv"] == [
        candle.bucket_start for candle in candles[50:]
    ]


def test_an_indicator_that_a_later_release_drops_is_forgotten() -> None:
    series = IndicatorSeries()
    candles = walk(30)
    for candle in candles[:-1]:
        series.apply(candle)

    changes = IndicatorSeries.from_bytes(series.to_bytes(), [definition("rsi_14")]).apply(candles[-1])

    assert isinstance(changes, list)
    assert [change.name for change in changes] == ["rsi_14"]


def test_a_state_of_a_later_release_is_refused_with_the_way_out() -> None:
    later = msgspec.msgpack.encode({"version": 2, "something": "else"})

    with pytest.raises(UnknownStateVersionError, match=r"version 2.*reads up to 1.*restore it with"):
        IndicatorSeries.from_bytes(later)
