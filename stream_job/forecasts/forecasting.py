"""A series, its models backtested, and what each expects of the next candle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import numpy as np

from stream_job.errors import ForecastImpossibleError
from stream_job.forecasts.backtest import ModelBacktest, backtest, candles_needed, naive_error, training
from stream_job.forecasts.calendar import end_of, next_bucket
from stream_job.forecasts.choice import Choice, choose
from stream_job.forecasts.conformal import PriceInterval, priced
from stream_job.forecasts.horizon import ForecastInterval
from stream_job.forecasts.models import Drift, Model, Naive, SeasonalNaive, season_of
from stream_job.forecasts.regressions import boosting, one_thread, ridge
from stream_job.forecasts.series import Series


@dataclass(frozen=True)
class Backtested:
    """How the models did on a series, and which of them is shown; all at one confidence."""

    confidence: float
    models: tuple[ModelBacktest, ...]
    choice: Choice

    @property
    def half_widths(self) -> dict[str, float]:
        """The half of the next interval of each model."""
        return {one.model: one.half for one in self.models}


@dataclass(frozen=True)
class ModelForecast:
    """What a model expects of the close of the candle that starts at ``bucket_start``.

    ``trained_until`` is the end of the newest candle it has seen, ``naive_mae`` what its error will be
    measured by: the mean error of the naive forecast over the candles it was trained on.
    """

    model: str
    bucket_start: datetime
    interval: PriceInterval
    confidence: float
    trained_until: datetime
    naive_mae: Decimal
    is_chosen: bool


def models_for(calendar: str, interval: ForecastInterval) -> list[Model]:
    """Return every model, the naive one first."""
    return [Naive(), Drift(), SeasonalNaive(season_of(calendar, interval)), ridge(), boosting()]


def backtested(series: Series, models: Sequence[Model], confidence: float) -> Backtested:
    """Backtest the models and choose; raises :class:`ForecastImpossibleError` for too few candles."""
    needed = min(candles_needed(model, confidence) for model in models)
    if len(series.candles) < needed:
        raise ForecastImpossibleError(f"{series.name}: {len(series.candles)} candles, {needed} are needed.")
    tested = tuple(backtest(models, series.closes, confidence))
    return Backtested(confidence, tested, choose(tested))


def forecasts(
    series: Series,
    models: Sequence[Model],
    chosen: str,
    half_widths: dict[str, float],
    confidence: float,
) -> list[ModelForecast]:
    """Return what each model that has an interval expects of the candle after the newest one.

    Raises :class:`ForecastImpossibleError` where the calendar does not say which candle that is.
    """
    newest = series.candles[-1]
    try:
        bucket_start = next_bucket(series.calendar, series.interval, newest.bucket_start)
        trained_until = end_of(series.calendar, series.interval, newest.bucket_start)
    except ValueError as error:
        raise ForecastImpossibleError(f"{series.name}: {error}") from error
    closes = training(series.closes)
    logs = np.log(closes)
    scale = series.price_scale
    measure = Decimal(repr(naive_error(closes)))
    with one_thread():
        expected = {
            model.name: model.fit(logs).next_return(logs) for model in models if model.name in half_widths
        }
    return [
        ModelForecast(
            name,
            bucket_start,
            priced(newest.close, expected_return, half_widths[name], scale),
            confidence,
            trained_until,
            measure,
            name == chosen,
        )
        for name, expected_return in expected.items()
    ]
