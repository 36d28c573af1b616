"""Forecasts and backtests in PostgreSQL: written whole, so that a second run finds its own rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from db.models import Forecast, ForecastBacktest
from stream_job.forecasts.forecasting import Backtested, ModelForecast
from stream_job.forecasts.horizon import ForecastInterval
from stream_job.forecasts.series import Series

FORECAST_KEY = ("symbol", "interval", "bucket_start", "model")


def lock_series(connection: Connection, symbol: str, interval: ForecastInterval) -> None:
    """Wait until no other transaction writes what is forecast of a series, and keep others waiting."""
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"forecast {symbol} {interval}"))))


def write_forecasts(connection: Connection, series: Series, forecasts: Sequence[ModelForecast]) -> None:
    """Write the forecasts of one candle, in place of what was forecast of it before. The caller commits."""
    # No two are ever chosen, not even between two rows of the statement below.
    connection.execute(
        update(Forecast)
        .where(
            Forecast.symbol == series.symbol,
            Forecast.interval == series.interval,
            Forecast.bucket_start == forecasts[0].bucket_start,
        )
        .values(is_chosen=False)
    )
    rows = insert(Forecast).values(
        [
            {
                "symbol": series.symbol,
                "interval": series.interval,
                "bucket_start": one.bucket_start,
                "model": one.model,
                "price": one.interval.price,
                "lower": one.interval.lower,
                "upper": one.interval.upper,
                "confidence": one.confidence,
                "trained_until": one.trained_until,
                "is_chosen": one.is_chosen,
                "source_kind": series.source_kind,
                "naive_mae": one.naive_mae,
            }
            for one in forecasts
        ]
    )
    changes = {
        name: rows.excluded[name]
        for name in (
            "price",
            "lower",
            "upper",
            "confidence",
            "trained_until",
            "is_chosen",
            "source_kind",
            "naive_mae",
        )
    }
    connection.execute(
        rows.on_conflict_do_update(
            index_elements=list(FORECAST_KEY), set_={**changes, "created_at": func.now()}
        )
    )


def write_backtest(connection: Connection, series: Series, tested: Backtested) -> None:
    """Write how the models did, in place of the backtest before. The caller commits."""
    connection.execute(
        delete(ForecastBacktest).where(
            ForecastBacktest.symbol == series.symbol, ForecastBacktest.interval == series.interval
        )
    )
    compared = {one.model: one for one in tested.choice.comparisons}
    connection.execute(
        insert(ForecastBacktest).values(
            [
                {
                    "symbol": series.symbol,
                    "interval": series.interval,
                    "model": one.model,
                    "is_chosen": one.model == tested.choice.model,
                    "reason": tested.choice.reason,
                    "confidence": tested.confidence,
                    "forecast_count": len(one.errors),
                    "mase": one.mase,
                    "relative_mase": compared[one.model].relative_mase,
                    "p_value": compared[one.model].p_value,
                    "coverage": one.coverage,
                    "width": one.width,
                    "half_width": one.half,
                    "tested_until": series.candles[-1].bucket_start,
                }
                for one in tested.models
            ]
        )
    )


def recent_backtest(
    connection: Connection, symbol: str, interval: ForecastInterval, confidence: float, longest_ago: timedelta
) -> tuple[str, dict[str, float]] | None:
    """Return the chosen model and the half widths of a backtest that is recent enough; None without one."""
    rows = connection.execute(
        select(ForecastBacktest.model, ForecastBacktest.is_chosen, ForecastBacktest.half_width).where(
            ForecastBacktest.symbol == symbol,
            ForecastBacktest.interval == interval,
            ForecastBacktest.confidence == confidence,
            ForecastBacktest.created_at > func.now() - longest_ago,
        )
    ).all()
    chosen = next((row.model for row in rows if row.is_chosen), None)
    return None if chosen is None else (chosen, {row.model: row.half_width for row in rows})


def last_forecast_at(connection: Connection, interval: ForecastInterval) -> dict[str, datetime]:
    """Return when each symbol was forecast last."""
    query = (
        select(Forecast.symbol, func.max(Forecast.created_at).label("newest"))
        .where(Forecast.interval == interval)
        .group_by(Forecast.symbol)
    )
    return {row.symbol: row.newest for row in connection.execute(query)}
