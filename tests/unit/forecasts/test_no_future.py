"""No forecast knows what comes after it: whatever the future is, the past is forecast the same."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_job.forecasts.backtest import backtest, candles_needed, walk_forward
from stream_job.forecasts.forecasting import models_for
from stream_job.forecasts.models import Model
from stream_job.forecasts.series import Floats
from tests.unit.forecasts.walks import random_walk

MODELS = {model.name: model for model in models_for("24/7", "1d")}
# A forest is trained anew some ten times an example.
EXAMPLES = {"boosting": 5, "ridge": 15}
BEYOND = 30

# What nobody could overlook: prices that vanish, explode, or are none.
FUTURES = st.one_of(
    st.sampled_from([np.nan, np.inf, -np.inf, 0.0, 1e9, -1e9]), st.floats(-50, 50, allow_nan=False)
)


@dataclass(frozen=True)
class Peeking:
    """A model that cheats: it looks at the memory behind the prices that it was given."""

    name: str = "peeking"
    needs: int = 10

    def fit(self, logs: Floats) -> "Peeking":
        return self

    def next_return(self, logs: Floats) -> float:
        everything = logs if logs.base is None else logs.base
        return float(everything[-1] - logs[-1])


def forecasts_alike(model: Model, seed: int, known: int, future: list[float]) -> bool:
    """Whether the first ``known`` candles, and the one after, are forecast the same with another future."""
    first = model.needs
    truth = np.log(random_walk(first + BEYOND, seed))
    poisoned = truth.copy()
    poisoned[first + known :] = np.resize(future, BEYOND - known)
    same = known + 1
    return np.array_equal(
        walk_forward(model, truth, first)[:same], walk_forward(model, poisoned, first)[:same]
    )


@pytest.mark.filterwarnings(
    "ignore::RuntimeWarning"
)  # of the poison itself, in forecasts that are not looked at
@pytest.mark.parametrize("name", sorted(MODELS))
def test_another_future_changes_no_forecast_of_the_past(name: str) -> None:
    model = MODELS[name]

    @settings(max_examples=EXAMPLES.get(name, 100))
    @given(
        seed=st.integers(0, 2**32 - 1),
        known=st.integers(0, BEYOND - 1),
        future=st.lists(st.floats(-50, 50, allow_nan=False), min_size=1, max_size=5),
    )
    def holds(seed: int, known: int, future: list[float]) -> None:
        assert forecasts_alike(model, seed, known, future)

    holds()


def test_a_model_that_looks_ahead_is_found_out() -> None:
    assert not forecasts_alike(Peeking(), 1, 5, [9.0])


@pytest.mark.parametrize("name", sorted(MODELS))
def test_a_forecast_is_the_same_when_the_future_has_not_happened_yet(name: str) -> None:
    model = MODELS[name]
    logs = np.log(random_walk(model.needs + BEYOND))
    whole = walk_forward(model, logs, model.needs)
    for known in (1, 7, 26):
        so_far = walk_forward(model, logs[: model.needs + known], model.needs)
        assert np.array_equal(so_far, whole[:known])


@given(known=st.integers(1, 40), poison=FUTURES)
@settings(max_examples=40)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_another_future_changes_no_interval_and_no_error_of_the_past(known: int, poison: float) -> None:
    simple = [MODELS["naive"], MODELS["drift"], MODELS["seasonal_naive"]]
    length = max(candles_needed(model, 0.9) for model in simple) + 40
    truth = random_walk(length)
    poisoned = truth.copy()
    poisoned[-known:] = abs(poison) + 1
    for one, other in zip(backtest(simple, truth, 0.9), backtest(simple, poisoned, 0.9), strict=True):
        past = len(one.errors) - known
        assert np.array_equal(one.errors[:past], other.errors[:past])
        assert np.array_equal(one.within[:past], other.within[:past])
        # The interval of the first candle with another price was made before that price was known.
        assert np.array_equal(one.widths[: past + 1], other.widths[: past + 1])
