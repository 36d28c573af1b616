"""How well the models of a series forecast."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Integer, and_, cast, func, select

from api.queries.columns import Query
from db.models import ForecastBacktest, ForecastScore

# What came true in so long a time up to the newest score is told: some hundreds of forecasts.
SCORED_WITHIN = {"1h": timedelta(days=30), "1d": timedelta(days=365)}


def forecast_models(symbol: str, interval: str) -> Query:
    """Select the models of a series with their newest backtest, and the mean of their scores since."""
    ours = and_(ForecastScore.symbol == symbol, ForecastScore.interval == interval)
    newest = select(func.max(ForecastScore.bucket_start)).where(ours).scalar_subquery()
    scores = (
        select(
            ForecastScore.model,
            func.count().label("count"),
            func.avg(ForecastScore.scaled_error).label("mase"),
            func.avg(cast(ForecastScore.is_within, Integer)).label("coverage"),
        )
        .where(ours, ForecastScore.bucket_start > newest - SCORED_WITHIN[interval])
        .group_by(ForecastScore.model)
        .subquery("scores")
    )
    backtest = ForecastBacktest
    query: Query = (
        select(
            backtest.interval,
            backtest.model,
            backtest.is_chosen,
            backtest.reason,
            backtest.confidence,
            backtest.forecast_count,
            backtest.mase,
            backtest.relative_mase,
            backtest.p_value,
            backtest.coverage,
            backtest.width,
            backtest.tested_until,
            func.coalesce(scores.c.count, 0),
            scores.c.mase,
            cast(scores.c.coverage, ForecastBacktest.coverage.type),
        )
        .outerjoin(scores, scores.c.model == backtest.model)
        .where(backtest.symbol == symbol, backtest.interval == interval)
        .order_by(backtest.mase, backtest.model)
    )
    return query
