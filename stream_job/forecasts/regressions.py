"""Models that learn from the past of a series: regressions of the next return on the returns before it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from stream_job.forecasts.series import Floats

LAGS: Final = 10
# The means of the returns over these many candles, and how far they went up and down in them.
WINDOWS: Final = (5, 10, 20)
MEMORY: Final = max(WINDOWS)

RIDGE_PENALTIES: Final = np.logspace(-3, 3, 13)


@dataclass(frozen=True)
class Regression:
    """A regressor of scikit-learn on what :func:`features` says of each candle."""

    name: str
    needs: int
    build: Callable[[], Any]

    def fit(self, logs: Floats) -> FittedRegression:
        """Train on every candle that has a past long enough and a successor."""
        returns = np.diff(logs)
        scale = float(np.std(returns))
        if scale == 0.0:
            # A price that does not move teaches nothing, and nothing can be divided by its movement.
            return FittedRegression(None, 1.0)
        returns = returns / scale
        pasts = np.lib.stride_tricks.sliding_window_view(returns[:-1], MEMORY)
        regressor = self.build().fit(features(pasts), returns[MEMORY:])
        return FittedRegression(regressor, scale)


@dataclass(frozen=True)
class FittedRegression:
    """A trained regressor, of returns divided by ``scale``; without one it expects no movement."""

    regressor: Any
    scale: float

    def next_return(self, logs: Floats) -> float:
        """Return what the regressor makes of the newest candles."""
        if self.regressor is None:
            return 0.0
        past = np.diff(logs[-MEMORY - 1 :]) / self.scale
        return float(self.regressor.predict(features(past[np.newaxis, :]))[0]) * self.scale


def features(pasts: Floats) -> Floats:
    """Return what is known before a candle: the last returns, and their means and deviations over windows.

    A row of ``pasts`` is the last ``MEMORY`` returns before a candle, oldest first.
    """
    windows = [pasts[:, -window:] for window in WINDOWS]
    means = [window.mean(axis=1) for window in windows]
    deviations = [window.std(axis=1) for window in windows]
    return np.column_stack([pasts[:, -LAGS:], *means, *deviations])


def one_thread() -> AbstractContextManager[object]:
    """Let the regressors work in one thread: more are slower on trees this small, and the feeds want them."""
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[object] = threadpool_limits(1)
    return limits


def ridge() -> Regression:
    """Return a linear regression with shrinkage, whose strength leave-one-out validation chooses."""
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return Regression("ridge", 100, lambda: make_pipeline(StandardScaler(), RidgeCV(alphas=RIDGE_PENALTIES)))


def boosting() -> Regression:
    """Return gradient boosting of small trees for the median, which is what the absolute error asks for."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    return Regression(
        "boosting",
        250,
        lambda: HistGradientBoostingRegressor(
            loss="absolute_error",
            learning_rate=0.05,
            max_iter=50,
            max_leaf_nodes=8,
            min_samples_leaf=20,
            early_stopping=False,
            random_state=0,
        ),
    )
