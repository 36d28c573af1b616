"""What became of forecasts: scored by the whole final candle of their time, and reckoned up by model."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, and_, case, func, literal, or_, select
from sqlalchemy.dialects.postgresql import insert

from db.forecast_retention import lock_scores
from db.models import Candle, Forecast, ForecastScore

KEY = ("symbol", "interval", "bucket_start", "model")
VALUES = ("actual", "absolute_error", "scaled_error", "is_within", "candle_revision")


def score_forecasts(connection: Connection) -> int:
    """Score what has come true since, and again where a candle was corrected; returns how many.

    A partial candle scores nothing: its close may be of another time. All of it is one statement, of exact
    decimals. The caller commits.
    """
    lock_scores(connection)
    error = func.abs(Candle.close - Forecast.price)
    of_same = [getattr(Forecast, name) == getattr(ForecastScore, name) for name in KEY]
    truths = (
        select(
            *(getattr(Forecast, name) for name in KEY),
            Candle.close,
            error,
            case((Forecast.naive_mae > 0, error / Forecast.naive_mae), else_=None),
            Candle.close.between(Forecast.lower, Forecast.upper),
            Candle.revision,
        )
        .join(
            Candle,
            and_(
                Candle.symbol == Forecast.symbol,
                Candle.interval == Forecast.interval,
                Candle.bucket_start == Forecast.bucket_start,
            ),
        )
        .outerjoin(ForecastScore, and_(*of_same))
        .where(
            Candle.is_final,
            ~Candle.is_partial,
            or_(ForecastScore.model.is_(None), ForecastScore.candle_revision < Candle.revision),
        )
    )
    scores = insert(ForecastScore).from_select([*KEY, *VALUES], truths)
    changes = {name: scores.excluded[name] for name in VALUES}
    return connection.execute(
        scores.on_conflict_do_update(index_elements=list(KEY), set_={**changes, "scored_at": func.now()})
    ).rowcount


def rolling_scores(connection: Connection, last: int, symbol: str | None = None) -> list[Row[Any]]:
    """Return by symbol, interval and model what became of its last so many scored forecasts.

    `mase` is null where no error could be scaled; `coverage` should come to `confidence`.
    """
    newest = func.row_number().over(
        partition_by=(ForecastScore.symbol, ForecastScore.interval, ForecastScore.model),
        order_by=ForecastScore.bucket_start.desc(),
    )
    numbered = select(ForecastScore.__table__, newest.label("age"))
    if symbol is not None:
        numbered = numbered.where(ForecastScore.symbol == symbol)
    of = numbered.subquery()
    query = (
        select(
            of.c.symbol,
            of.c.interval,
            of.c.model,
            func.count().label("forecasts"),
            func.avg(of.c.scaled_error).label("mase"),
            func.avg(case((of.c.is_within, literal(1.0)), else_=literal(0.0))).label("coverage"),
            func.avg(Forecast.confidence).label("confidence"),
            func.max(of.c.bucket_start).label("newest"),
        )
        .join(Forecast, and_(*(getattr(Forecast, name) == of.c[name] for name in KEY)))
        .where(of.c.age <= last)
        .group_by(of.c.symbol, of.c.interval, of.c.model)
        .order_by(of.c.symbol, of.c.interval, func.avg(of.c.scaled_error), of.c.model)
    )
    return list(connection.execute(query).all())
