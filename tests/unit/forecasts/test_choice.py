"""Which model is chosen: the naive one, unless another is better by more than noise."""

import numpy as np
import pytest

from stream_job.forecasts.backtest import ModelBacktest, backtest
from stream_job.forecasts.choice import choose, p_value
from stream_job.forecasts.forecasting import models_for
from stream_job.forecasts.series import Floats
from tests.unit.forecasts.walks import random_walk, swinging

MODELS = models_for("24/7", "1d")


def result(model: str, errors: Floats) -> ModelBacktest:
    return ModelBacktest(model, errors, np.ones(len(errors), dtype=bool), np.ones(len(errors)), 0.1)


@pytest.mark.parametrize("seed", range(3))
def test_nothing_beats_the_naive_model_on_a_random_walk(seed: int) -> None:
    choice = choose(backtest(MODELS, random_walk(500, seed), 0.9))
    assert choice.model == "naive"
    assert choice.reason.startswith("No model beats the naive one: ")


def test_a_model_is_chosen_where_there_is_something_to_learn() -> None:
    choice = choose(backtest(MODELS, swinging(600), 0.9))
    assert choice.model == "ridge"
    assert choice.reason.startswith("ridge with 0.")
    assert choice.reason.endswith("it beats the naive one.")


def test_a_model_that_is_better_by_little_and_by_chance_is_not_chosen() -> None:
    noise = np.random.default_rng(5).normal(0, 0.5, 200)
    naive = np.ones(200)
    assert choose([result("naive", naive), result("lucky", naive - noise - 0.01)]).model == "naive"


def test_a_model_has_to_pass_at_its_share_of_the_significance() -> None:
    naive = np.ones(200)
    gains = np.random.default_rng(5).normal(0, 1, 200)
    gains = gains - gains.mean() + 0.15 * gains.std()
    assert 0.0125 < p_value(gains) < 0.05
    good = result("good", naive - gains)
    others = [result(f"bad{number}", naive * 2) for number in range(3)]
    assert choose([result("naive", naive), good]).model == "good"
    assert choose([result("naive", naive), good, *others]).model == "naive"


def test_the_better_of_two_that_beat_the_naive_model_is_chosen() -> None:
    naive = np.random.default_rng(1).uniform(1, 2, 100)
    better, best = result("better", naive * 0.9), result("best", naive * 0.8)
    assert choose([result("naive", naive), better, best]).model == "best"


def test_models_are_compared_over_the_candles_that_both_have_forecast() -> None:
    naive = np.concatenate([np.full(100, 9.0), np.random.default_rng(1).uniform(1, 2, 50)])
    choice = choose([result("naive", naive), result("late", naive[-50:] * 1.1)])
    assert choice.model == "naive"
    assert choice.comparisons[1].relative_mase == pytest.approx(1.1)


def test_where_the_price_does_not_move_the_naive_model_is_shown() -> None:
    choice = choose(backtest(MODELS, np.full(100, 5.0), 0.9))
    assert (choice.model, choice.reason) == (
        "naive",
        "No model beats the naive one: the price does not move.",
    )


def test_the_test_is_that_of_diebold_and_mariano_with_the_correction_for_small_samples() -> None:
    from scipy.stats import t

    gains = np.random.default_rng(2).normal(0.1, 1, 60)
    count = len(gains)
    variance = np.mean((gains - gains.mean()) ** 2)
    uncorrected = gains.mean() / np.sqrt(variance / count)
    corrected = uncorrected * np.sqrt((count + 1 - 2) / count)
    assert p_value(gains) == pytest.approx(t.sf(corrected, count - 1))


def test_a_gain_that_never_varies_is_no_chance() -> None:
    assert p_value(np.full(30, 0.5)) == 0.0
    assert p_value(np.zeros(30)) == 1.0
    assert p_value(np.full(30, -0.5)) == 1.0
