"""What the backtest measures: errors by the naive forecast's, and how often the interval holds."""

import numpy as np
import pytest

from stream_job.forecasts.backtest import backtest, candles_needed, naive_error
from stream_job.forecasts.forecasting import models_for
from stream_job.forecasts.models import Drift, Naive, SeasonalNaive, season_of
from stream_job.forecasts.series import Floats
from tests.unit.forecasts.walks import random_walk


def test_the_naive_error_is_the_mean_absolute_step() -> None:
    assert naive_error(np.array([10.0, 12.0, 11.0, 11.0])) == pytest.approx(1.0)


def test_the_mase_is_the_mean_of_errors_divided_by_the_naive_error_of_what_was_known() -> None:
    closes = random_walk(60)
    (naive,) = backtest([Naive()], closes, 0.9)
    by_hand = [
        abs(closes[candle] - closes[candle - 1]) / np.abs(np.diff(closes[:candle])).mean()
        for candle in range(40, 60)
    ]
    assert naive.errors == pytest.approx(by_hand)
    assert naive.mase == pytest.approx(np.mean(by_hand))


def test_sixty_candles_are_enough_for_the_naive_model_and_one_fewer_is_not() -> None:
    assert candles_needed(Naive(), 0.9) == 60
    assert len(backtest([Naive()], random_walk(60), 0.9)) == 1
    assert backtest([Naive()], random_walk(59), 0.9) == []


def test_a_model_takes_part_once_there_are_candles_enough_for_it() -> None:
    models = models_for("24/7", "1d")
    assert [one.model for one in backtest(models, random_walk(100), 0.9)] == [
        "naive",
        "drift",
        "seasonal_naive",
    ]
    assert [one.model for one in backtest(models, random_walk(320), 0.9)] == [model.name for model in models]


def test_drift_goes_on_as_the_price_went() -> None:
    logs = np.log(np.array([100.0, 90.0, 121.0]))
    assert Drift().fit(logs).next_return(logs) == pytest.approx(np.log(1.1))


def test_the_seasonal_forecast_is_the_price_of_a_season_before() -> None:
    logs = np.log(np.array([100.0, 70.0, 80.0, 90.0]))
    model = SeasonalNaive(3)
    assert np.exp(logs[-1] + model.fit(logs).next_return(logs)) == pytest.approx(70.0)


@pytest.mark.parametrize(
    ("calendar", "interval", "season"),
    [("24/7", "1h", 24), ("XNYS", "1h", 7), ("24/7", "1d", 7), ("XNYS", "1d", 5)],
)
def test_a_season_is_a_day_of_hours_or_a_week_of_days(calendar: str, interval: str, season: int) -> None:
    assert season_of(calendar, interval) == season  # type: ignore[arg-type]


@pytest.mark.parametrize("confidence", [0.5, 0.8, 0.9])
def test_the_intervals_hold_as_often_as_they_say(confidence: float) -> None:
    (naive,) = backtest([Naive()], random_walk(1_500, seed=3), confidence)
    assert naive.coverage == pytest.approx(confidence, abs=0.05)


def test_the_intervals_widen_when_the_market_becomes_wild() -> None:
    calm, wild = random_walk(400, volatility=0.005), random_walk(200, volatility=0.03)
    (naive,) = backtest([Naive()], np.concatenate([calm, calm[-1] * wild / wild[0]]), 0.9)
    assert naive.widths[-1] > 3 * naive.widths[100]


@pytest.mark.parametrize(
    "closes", [np.full(400, 7.25), np.concatenate([random_walk(100), np.full(300, 9.0)])]
)
def test_a_price_that_does_not_move_is_forecast_by_every_model(closes: Floats) -> None:
    tested = backtest(models_for("24/7", "1d"), closes, 0.9)
    assert len(tested) == 5
    for one in tested:
        assert np.isfinite(one.widths).all()
        assert np.isfinite(one.half)
        assert one.within.any()


def test_what_never_moved_has_no_mase_and_is_always_within() -> None:
    (naive,) = backtest([Naive()], np.full(80, 7.25), 0.9)
    assert (naive.mase, naive.coverage, naive.width) == (None, 1.0, 0.0)


def test_two_backtests_of_the_same_candles_are_the_same() -> None:
    closes = random_walk(400)
    first, second = (backtest(models_for("24/7", "1d"), closes, 0.9) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        assert np.array_equal(one.errors, other.errors)
        assert one.half == other.half
