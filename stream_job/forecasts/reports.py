"""What the commands tell: forecasts, backtests and scores as PostgreSQL has them, times in UTC."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

import msgspec
from sqlalchemy import Connection, and_, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on

from db.models import Forecast, ForecastBacktest
from stream_job.forecasts.horizon import ForecastInterval
from stream_job.forecasts.scoring import rolling_scores

Keys = Sequence[tuple[str, ForecastInterval]]


class ForecastReport(msgspec.Struct, frozen=True, kw_only=True):
    """A forecast; ``reason`` says why its series' chosen model is the chosen one."""

    symbol: str
    interval: str
    bucket_start: datetime
    model: str
    is_chosen: bool
    price: str
    lower: str
    upper: str
    confidence: float
    trained_until: datetime
    source_kind: str | None
    created_at: datetime
    reason: str | None


class BacktestReport(msgspec.Struct, frozen=True, kw_only=True):
    """How a model did in the newest backtest of its series."""

    symbol: str
    interval: str
    model: str
    is_chosen: bool
    forecast_count: int
    mase: float | None
    relative_mase: float | None
    p_value: float | None
    coverage: float
    confidence: float
    width: float
    tested_until: datetime
    reason: str


class ScoreReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the newest forecasts of a model."""

    symbol: str
    interval: str
    model: str
    forecasts: int
    mase: float | None
    coverage: float
    confidence: float
    newest: datetime


class RunReport(msgspec.Struct, frozen=True, kw_only=True):
    """A run: what was forecast or backtested, and what was not and why."""

    scored: int
    forecasts: list[ForecastReport]
    backtests: list[BacktestReport]
    left_out: dict[str, str]
    failed: dict[str, str]
    postponed: list[str]


def newest_forecasts(
    connection: Connection,
    symbols: Sequence[str] = (),
    interval: ForecastInterval | None = None,
    keys: Keys | None = None,
    *,
    all_models: bool = False,
) -> list[ForecastReport]:
    """Return what was forecast of the latest candle of each series: the chosen model's, or every model's."""
    query = (
        select(*Forecast.__table__.columns, ForecastBacktest.reason)
        .outerjoin(
            ForecastBacktest,
            and_(
                ForecastBacktest.symbol == Forecast.symbol,
                ForecastBacktest.interval == Forecast.interval,
                ForecastBacktest.model == Forecast.model,
            ),
        )
        .ext(distinct_on(Forecast.symbol, Forecast.interval, *([Forecast.model] if all_models else [])))
        .order_by(
            Forecast.symbol,
            Forecast.interval,
            *([Forecast.model] if all_models else []),
            Forecast.bucket_start.desc(),
        )
    )
    if not all_models:
        query = query.where(Forecast.is_chosen)
    if symbols:
        query = query.where(Forecast.symbol.in_(symbols))
    if interval is not None:
        query = query.where(Forecast.interval == interval)
    if keys is not None:
        query = query.where(tuple_(Forecast.symbol, Forecast.interval).in_(keys))
    return [
        ForecastReport(
            symbol=row.symbol,
            interval=row.interval,
            bucket_start=_utc(row.bucket_start),
            model=row.model,
            is_chosen=row.is_chosen,
            price=_digits(row.price),
            lower=_digits(row.lower),
            upper=_digits(row.upper),
            confidence=row.confidence,
            trained_until=_utc(row.trained_until),
            source_kind=row.source_kind,
            created_at=_utc(row.created_at),
            reason=row.reason,
        )
        for row in connection.execute(query)
    ]


def backtests(connection: Connection, keys: Keys) -> list[BacktestReport]:
    """Return the newest backtests of these series, the best model of each first."""
    query = (
        select(*ForecastBacktest.__table__.columns)
        .where(tuple_(ForecastBacktest.symbol, ForecastBacktest.interval).in_(keys))
        .order_by(
            ForecastBacktest.symbol,
            ForecastBacktest.interval,
            ForecastBacktest.relative_mase,
            ForecastBacktest.model,
        )
    )
    return [
        BacktestReport(
            symbol=row.symbol,
            interval=row.interval,
            model=row.model,
            is_chosen=row.is_chosen,
            forecast_count=row.forecast_count,
            mase=row.mase,
            relative_mase=row.relative_mase,
            p_value=row.p_value,
            coverage=row.coverage,
            confidence=row.confidence,
            width=row.width,
            tested_until=_utc(row.tested_until),
            reason=row.reason,
        )
        for row in connection.execute(query)
    ]


def scores(connection: Connection, last: int, symbol: str | None) -> list[ScoreReport]:
    """Return what became of the last so many forecasts of each model, best first within a series."""
    return [
        ScoreReport(
            symbol=row.symbol,
            interval=row.interval,
            model=row.model,
            forecasts=row.forecasts,
            mase=row.mase,
            coverage=float(row.coverage),
            confidence=row.confidence,
            newest=_utc(row.newest),
        )
        for row in rolling_scores(connection, last, symbol)
    ]


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def _digits(price: Decimal) -> str:
    # The column has 18 digits after the point, whatever the market uses; two at least read as a price.
    whole, _, fraction = f"{price:f}".partition(".")
    return f"{whole}.{fraction.rstrip('0'):0<2}"
