"""A run: scores what has come true, then forecasts one series after the other, within a limit of time."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, IntegrityError

from db.connection import connect
from db.settings import DatabaseSettings
from producer.events import to_datetime
from stream_job.errors import ForecastImpossibleError
from stream_job.forecasts.backtest import candles_needed
from stream_job.forecasts.candles import Followed, followed, read_series
from stream_job.forecasts.forecasting import backtested, forecasts, models_for
from stream_job.forecasts.horizon import ForecastInterval
from stream_job.forecasts.models import Model
from stream_job.forecasts.scoring import score_forecasts
from stream_job.forecasts.series import Series
from stream_job.forecasts.settings import ForecastSettings
from stream_job.forecasts.store import (
    last_forecast_at,
    lock_series,
    recent_backtest,
    write_backtest,
    write_forecasts,
)

logger = logging.getLogger(__name__)

NEVER = to_datetime(0)


@dataclass
class Outcome:
    """What a run has done: the series that it forecast, those it could not and why, and those left over."""

    scored: int = 0
    done: list[tuple[str, ForecastInterval]] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    postponed: list[str] = field(default_factory=list)


def run(
    settings: ForecastSettings,
    database: DatabaseSettings,
    symbols: Sequence[str],
    intervals: Sequence[ForecastInterval],
    calendar: str | None,
    *,
    only_backtest: bool = False,
) -> Outcome:
    """Score, backtest where the last one is old, and forecast; each series is a transaction of its own.

    When the time is up the rest is left for the next run, which begins with what was forecast longest ago.
    With ``only_backtest`` every series is backtested anew, and nothing else is done.

    Raises:
        ForecastImpossibleError: a symbol that was asked for is not followed.
        DatabaseError: PostgreSQL cannot be reached.
    """
    until = time.monotonic() + settings.forecast_minutes * 60
    outcome = Outcome()
    with connect(database, "market_writer") as connection:
        with connection.begin():
            wanted = _in_turn(connection, symbols, intervals, calendar)
        if not only_backtest:
            with connection.begin():
                outcome.scored = score_forecasts(connection)
        for one, interval in wanted:
            name = f"{one.symbol} {interval}"
            if time.monotonic() > until:
                outcome.postponed.append(name)
                continue
            try:
                with connection.begin():
                    if only_backtest:
                        _backtest(connection, settings, one, interval)
                    else:
                        _forecast(connection, settings, one, interval)
                outcome.done.append((one.symbol, interval))
            except ForecastImpossibleError as error:
                outcome.left_out[name] = str(error)
            except (ValueError, ArithmeticError, DataError, IntegrityError) as error:
                # One series that a model cannot digest does not keep the others from their forecast.
                logger.exception("%s could not be forecast", name)
                reason = " ".join(str(getattr(error, "orig", error)).split())
                outcome.failed[name] = f"{name}: {type(error).__name__}: {reason}"
    return outcome


def _in_turn(
    connection: Connection,
    symbols: Sequence[str],
    intervals: Sequence[ForecastInterval],
    calendar: str | None,
) -> list[tuple[Followed, ForecastInterval]]:
    known = followed(connection, symbols, calendar)
    before = {interval: last_forecast_at(connection, interval) for interval in intervals}

    def waiting(turn: tuple[Followed, ForecastInterval]) -> datetime:
        return before[turn[1]].get(turn[0].symbol, NEVER)

    return sorted(((one, interval) for interval in intervals for one in known), key=waiting)


def _forecast(
    connection: Connection, settings: ForecastSettings, of: Followed, interval: ForecastInterval
) -> None:
    # A run by hand beside the schedule's waits here, and then finds what that has done.
    lock_series(connection, of.symbol, interval)
    series = read_series(connection, of, interval)
    models = _models(of.calendar, interval)
    confidence = settings.forecast_confidence
    longest_ago = timedelta(hours=settings.forecast_backtest_hours)
    recent = recent_backtest(connection, of.symbol, interval, confidence, longest_ago)
    if recent is None or not _suffices(series, models, recent[1], confidence):
        tested = backtested(series, models, confidence)
        write_backtest(connection, series, tested)
        recent = tested.choice.model, tested.half_widths
    chosen, half_widths = recent
    write_forecasts(connection, series, forecasts(series, models, chosen, half_widths, confidence))


def _backtest(
    connection: Connection, settings: ForecastSettings, of: Followed, interval: ForecastInterval
) -> None:
    lock_series(connection, of.symbol, interval)
    series = read_series(connection, of, interval)
    tested = backtested(series, _models(of.calendar, interval), settings.forecast_confidence)
    write_backtest(connection, series, tested)


def _suffices(
    series: Series, models: Sequence[Model], half_widths: dict[str, float], confidence: float
) -> bool:
    """Say whether a series is still as long as its backtest needed: a silence may have begun it anew."""
    tested = [model for model in models if model.name in half_widths]
    return all(len(series.candles) >= candles_needed(model, confidence) for model in tested)


@lru_cache
def _models(calendar: str, interval: ForecastInterval) -> tuple[Model, ...]:
    return tuple(models_for(calendar, interval))
