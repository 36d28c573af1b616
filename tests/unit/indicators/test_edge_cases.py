"""Markets that stand still, trade nothing, or pause."""

import msgspec
import pytest

from stream_job.indicators.indicator_set import IndicatorSet
from stream_job.indicators.obv import Obv
from stream_job.indicators.rsi import Rsi
from stream_job.indicators.vwap import DayVwap
from tests.unit.indicators.candles import candle, walk


def test_a_price_that_never_moves_has_flat_averages_and_no_movement() -> None:
    indicators = IndicatorSet()
    for minute in range(300):
        values = indicators.update(candle(minute, 0.1))

    for name in (
        "sma_20",
        "sma_50",
        "sma_200",
        "ema_12",
        "ema_26",
        "ema_50",
        "bollinger_middle_20",
        "vwap_day",
    ):
        assert values[name] == pytest.approx(0.1, rel=1e-14)
    for name in ("bollinger_upper_20", "bollinger_lower_20"):
        assert values[name] == pytest.approx(0.1, rel=1e-14)
    for name in ("rsi_14", "atr_14", "stochastic_k_14", "stochastic_d_14", "realised_volatility_20"):
        assert values[name] == 0.0
    for name in ("macd", "macd_signal", "macd_histogram"):
        assert values[name] == pytest.approx(0.0, abs=1e-15)
    assert values["obv"] == 1.0


def test_rsi_is_100_while_the_close_only_rises_and_0_while_it_only_falls() -> None:
    rising, falling = Rsi.of(14), Rsi.of(14)
    for minute in range(30):
        risen = rising.update(candle(minute, 100.0 + minute))
        fallen = falling.update(candle(minute, 100.0 - minute))

    assert (risen, fallen) == (100.0, 0.0)


def test_a_market_without_volume_has_no_vwap_and_an_unchanged_obv() -> None:
    indicators = IndicatorSet()
    for quiet in walk(40):
        values = indicators.update(msgspec.structs.replace(quiet, volume=0.0))

    assert values["vwap_day"] is None
    assert values["obv"] == 0.0
    assert values["rsi_14"] is not None


def test_vwap_of_the_day_weighs_each_candle_by_its_volume_and_skips_empty_ones() -> None:
    vwap = DayVwap()

    assert vwap.update(candle(0, 10.0, volume=1.0, vwap=10.0)) == 10.0
    assert vwap.update(candle(1, 99.0, volume=0.0)) == 10.0
    assert vwap.update(candle(2, 20.0, volume=3.0, vwap=18.0)) == 16.0


def test_vwap_of_the_day_begins_anew_with_the_trading_day() -> None:
    vwap = DayVwap()
    vwap.update(candle(1439, 10.0, volume=5.0, vwap=10.0))

    assert vwap.update(candle(1440, 20.0, volume=0.0)) is None
    assert vwap.update(candle(1441, 30.0, volume=1.0, vwap=30.0)) == 30.0


def test_a_candle_with_volume_but_without_vwap_counts_at_its_typical_price() -> None:
    flat = candle(0, 12.0, volume=2.0)
    wide = msgspec.structs.replace(flat, high=18.0, low=6.0, close=9.0)

    assert DayVwap().update(wide) == 11.0


def test_obv_adds_the_volume_of_a_rise_takes_that_of_a_fall_and_ignores_a_pause() -> None:
    obv = Obv()
    closes_and_volumes = [(10.0, 5.0), (11.0, 3.0), (11.0, 100.0), (9.0, 4.0)]

    assert [
        obv.update(candle(minute, close, volume=volume))
        for minute, (close, volume) in enumerate(closes_and_volumes)
    ] == [5.0, 8.0, 8.0, 4.0]


def test_a_gap_is_not_filled_the_candles_beside_it_are_neighbours() -> None:
    dense, gapped = IndicatorSet(), IndicatorSet()
    for index, neighbour in enumerate(walk(250)):
        expected = dense.update(neighbour)
        later = msgspec.structs.replace(neighbour, bucket_start=neighbour.bucket_start * 3 + index % 2)
        assert gapped.update(later) == expected
