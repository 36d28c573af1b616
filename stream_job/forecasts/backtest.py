"""The walk-forward backtest: each forecast is made from what came before it, and from nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from stream_job.forecasts.conformal import errors_needed, half_width
from stream_job.forecasts.models import Model
from stream_job.forecasts.regressions import one_thread
from stream_job.forecasts.series import Floats

# The newest so many candles are forecast, each from so many before it at most.
MOST_ORIGINS: Final = 500
MOST_TRAINING: Final = 1_000
MOST_CANDLES: Final = MOST_ORIGINS + MOST_TRAINING
# A model is trained anew after so many candles; in between it sees them, and keeps what it has learned.
REFIT_EVERY: Final = 25
# With fewer forecasts nothing can be said of a model.
LEAST_JUDGED: Final = 20


@dataclass(frozen=True)
class ModelBacktest:
    """How one model did over the newest candles: those whose interval could be made of earlier errors.

    ``errors`` are absolute and divided by the mean absolute error of the naive forecast over the candles that
    the model was trained on, NaN where that is 0; their mean is the MASE of Hyndman and Koehler, 2006,
    Another look at measures of forecast accuracy. ``widths`` are those of the intervals, as a share of the
    forecast. ``half`` is the half of the next interval, a logarithmic return.
    """

    model: str
    errors: Floats
    within: npt.NDArray[np.bool_]
    widths: Floats
    half: float

    @property
    def mase(self) -> float | None:
        """The mean scaled error; None where the price never moved."""
        known = self.errors[~np.isnan(self.errors)]
        return float(known.mean()) if len(known) else None

    @property
    def coverage(self) -> float:
        """The share of closes that fell into their interval."""
        return float(self.within.mean())

    @property
    def width(self) -> float:
        """The mean width of the intervals, as a share of the forecast price."""
        return float(self.widths.mean())


def candles_needed(model: Model, confidence: float) -> int:
    """Return with how many candles a model can be trained, have its interval made, and be judged."""
    return model.needs + errors_needed(confidence) + LEAST_JUDGED


def backtest(
    models: Sequence[Model], closes: Floats, confidence: float, most_origins: int = MOST_ORIGINS
) -> list[ModelBacktest]:
    """Return how those of the models did that there are candles enough for, in their order."""
    return [
        _judged(model, closes, confidence, most_origins)
        for model in models
        if len(closes) >= candles_needed(model, confidence)
    ]


def walk_forward(model: Model, logs: Floats, first: int) -> Floats:
    """Return the logarithmic return that the model expects of each candle from ``first`` on.

    What it expects of a candle comes from the candles before that one alone: it is given no others.
    """
    expected = np.empty(len(logs) - first)
    with one_thread():
        for start in range(first, len(logs), REFIT_EVERY):
            fitted = model.fit(_known_before(start, logs))
            for candle in range(start, min(start + REFIT_EVERY, len(logs))):
                expected[candle - first] = fitted.next_return(_known_before(candle, logs))
    return expected


def naive_error(closes: Floats) -> float:
    """Return the mean absolute error of the naive forecast over these candles: the measure of errors."""
    return float(np.abs(np.diff(closes)).mean())


def training(values: Floats) -> Floats:
    """Return the newest values, as many as a model is trained on."""
    return values[-MOST_TRAINING:]


def _known_before(candle: int, values: Floats) -> Floats:
    return training(values[:candle])


def _judged(model: Model, closes: Floats, confidence: float, most_origins: int) -> ModelBacktest:
    logs = np.log(closes)
    first = max(model.needs, len(closes) - most_origins)
    expected = walk_forward(model, logs, first)
    errors = np.diff(logs)[first - 1 :] - expected
    judged = range(errors_needed(confidence), len(errors))
    halves = np.array([half_width(errors[:position], confidence) for position in judged])
    tested = np.arange(first + judged.start, len(closes))
    forecasts = closes[tested - 1] * np.exp(expected[judged.start :])
    scales = np.array([naive_error(_known_before(candle, closes)) for candle in tested])
    return ModelBacktest(
        model.name,
        np.abs(closes[tested] - forecasts) / np.where(scales > 0, scales, np.nan),
        np.abs(errors[judged.start :]) <= halves,
        2 * np.sinh(halves),
        half_width(errors, confidence),
    )
