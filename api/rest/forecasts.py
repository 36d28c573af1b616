"""Forecasts of a symbol, and the models that made them."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Query, Response

from api.errors import NotFoundError
from api.queries import assets
from api.queries import events as queries
from api.queries.forecast_models import forecast_models
from api.rest import cursors
from api.rest.describing import answers
from api.rest.parameters import Cursor, End, Limit, Order, Span, Start, StoredInterval, Symbol
from api.rest.replies import RepliesDep
from api.rest.services import ServicesDep
from api.shapes.events import Forecast, ForecastModel, ForecastModels, Forecasts

router = APIRouter(tags=["forecasts"])


class _Key(msgspec.Struct, array_like=True):
    bucket_start: cursors.Time
    model: str


@router.get("/forecasts/{symbol:path}", responses=answers(Forecasts, NotFoundError))
async def list_forecasts(
    services: ServicesDep,
    replies: RepliesDep,
    symbol: Symbol,
    interval: StoredInterval = "1h",
    start: Start = None,
    end: End = None,
    limit: Limit = 500,
    order: Order = "asc",
    all_models: Annotated[
        bool, Query(description="Those of every model, not of the chosen one alone.")
    ] = False,
    cursor: Cursor = None,
) -> Response:
    """List forecasts for candles that begin in `[start, end)`; without a start the newest, ascending."""
    of = f"forecasts/{symbol}/{interval}/{order}/{all_models}"
    beyond = cursors.decoded(cursor, of, _Key)
    span = Span.of(start, end, order, None)
    asset = await assets.known_asset(services.database, symbol)
    after = (beyond.bucket_start, beyond.model) if beyond else None
    newest_first = span.newest_first and not (beyond and order == "asc")
    query = queries.forecasts(
        symbol,
        interval,
        (span.start, span.end),
        after,
        limit + 1,
        newest_first=newest_first,
        all_models=all_models,
    )
    found = [Forecast(*row) for row in await services.database.rows(query)]
    rows, has_more = found[:limit], len(found) > limit
    if newest_first and order == "asc":
        rows, has_more = rows[::-1], False
    following = cursors.encoded(of, _Key(rows[-1].bucket_start, rows[-1].model)) if has_more else None
    page = Forecasts(next=following, symbol=symbol, source_kind=asset.source_kind, forecasts=rows)
    return replies.page(page, Forecast, rows)


@router.get("/forecast-models/{symbol:path}", responses=answers(ForecastModels, NotFoundError))
async def list_forecast_models(
    services: ServicesDep, replies: RepliesDep, symbol: Symbol, interval: Literal["1h", "1d"] = "1h"
) -> Response:
    """List how well each model forecasts a symbol: the naive one is shown where none beats it."""
    asset = await assets.known_asset(services.database, symbol)
    rows = [ForecastModel(*row) for row in await services.database.rows(forecast_models(symbol, interval))]
    page = ForecastModels(symbol=symbol, source_kind=asset.source_kind, models=rows)
    return replies.page(page, ForecastModel, rows)
