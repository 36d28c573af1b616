"""From a series to its forecasts."""

from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_job.errors import ForecastImpossibleError
from stream_job.forecasts.forecasting import Backtested, ModelForecast, backtested, forecasts, models_for
from stream_job.forecasts.series import Candle, Series, since_last_silence
from tests.unit.forecasts.walks import START, random_walk, series_of

MODELS = models_for("24/7", "1d")


def forecast(series: Series) -> tuple[Backtested, list[ModelForecast]]:
    tested = backtested(series, MODELS, 0.9)
    return tested, forecasts(series, MODELS, tested.choice.model, tested.half_widths, 0.9)


def test_every_model_forecasts_the_next_candle_and_one_is_chosen() -> None:
    series = series_of(random_walk(400))
    _, made = forecast(series)
    assert [one.model for one in made] == ["naive", "drift", "seasonal_naive", "ridge", "boosting"]
    assert {one.bucket_start for one in made} == {START + timedelta(days=400)}
    assert {one.trained_until for one in made} == {START + timedelta(days=400)}
    assert [one.model for one in made if one.is_chosen] == ["naive"]


def test_the_naive_price_is_the_last_close() -> None:
    series = series_of(random_walk(100))
    _, made = forecast(series)
    assert made[0].interval.price == series.candles[-1].close
    assert made[0].interval.lower < made[0].interval.price < made[0].interval.upper


def test_too_few_candles_are_counted_in_a_sentence() -> None:
    with pytest.raises(ForecastImpossibleError, match=r"^AAPL 1d: 12 candles, 60 are needed\.$"):
        backtested(series_of(random_walk(12), "AAPL"), MODELS, 0.9)


def test_a_higher_confidence_needs_more_candles() -> None:
    with pytest.raises(ForecastImpossibleError, match="100 candles, 129 are needed"):
        backtested(series_of(random_walk(100)), MODELS, 0.99)


def test_a_constant_price_is_forecast_without_an_error() -> None:
    _, made = forecast(series_of(np.full(400, 5.0)))
    assert {(one.interval.lower, one.interval.price, one.interval.upper) for one in made} == {
        (Decimal("5"), Decimal("5"), Decimal("5"))
    }


@settings(max_examples=25)
@given(
    closes=st.lists(st.floats(0.01, 1e6), min_size=60, max_size=200),
    confidence=st.sampled_from([0.5, 0.8, 0.9]),
)
def test_whatever_the_prices_were_a_forecast_is_within_its_interval(
    closes: list[float], confidence: float
) -> None:
    series = series_of(np.array(closes))
    tested = backtested(series, MODELS, confidence)
    made = forecasts(series, MODELS, tested.choice.model, tested.half_widths, confidence)
    assert sum(one.is_chosen for one in made) == 1
    for one in made:
        assert 0 < one.interval.lower <= one.interval.price <= one.interval.upper
        assert one.trained_until <= one.bucket_start


def test_a_price_of_tiny_fractions_keeps_its_digits() -> None:
    series = series_of(random_walk(100) / 1e8, digits=10)
    assert series.price_scale == 10
    _, made = forecast(series)
    assert 0 < made[0].interval.lower < made[0].interval.price


def test_a_calendar_without_a_next_candle_is_named() -> None:
    series = series_of(random_walk(100))
    tested = backtested(series, MODELS, 0.9)
    elsewhere = Series(series.symbol, "1d", "NOWHERE", "live", series.candles)
    with pytest.raises(ForecastImpossibleError, match=r"^BTC-USD 1d: .*NOWHERE"):
        forecasts(elsewhere, MODELS, "naive", tested.half_widths, 0.9)


def test_only_what_came_after_the_last_long_silence_is_used() -> None:
    def candle(day: int) -> Candle:
        return Candle(START + timedelta(days=day), Decimal(1))

    candles = [candle(day) for day in (0, 1, 2, 40, 41, 55)]
    assert since_last_silence(candles, "1d") == tuple(candles[3:])
    assert since_last_silence(candles[:3], "1d") == tuple(candles[:3])
    assert since_last_silence([], "1d") == ()
