"""Indicators: stored ones by name, and any other by type and parameters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.analytics import indicators as types
from api.analytics.indicators import LONGEST_PERIOD, WIDEST, Computation
from api.errors import InvalidRequestError, NotFoundError
from api.queries import assets, candle_pages, computing
from api.queries import indicators as queries
from api.queries.candle_pages import Wanted
from api.queries.window import Window
from api.rest import cursors
from api.rest.candles import Beyond
from api.rest.describing import answers
from api.rest.parameters import AnyInterval, Cursor, End, Limit, Order, Span, Start, Symbol, interval_of
from api.rest.replies import RepliesDep
from api.rest.services import ServicesDep
from api.shapes.indicators import (
    Catalogue,
    IndicatorName,
    Indicators,
    IndicatorType,
    IndicatorValue,
    Point,
    Series,
)
from stream_job.indicators.catalogue import VALUES, ValueDefinition

router = APIRouter(tags=["indicators"])

Period = Annotated[
    int | None, Query(ge=1, le=LONGEST_PERIOD, description="In candles, of those types that have it.")
]


@router.get("/indicators", responses=answers(Catalogue))
async def list_indicators(replies: RepliesDep) -> Response:
    """List what is stored for every symbol, and what is computed on request."""
    stored = [
        IndicatorName(value.name, value.unit.value, value.description, value.warm_up)
        for value in VALUES.values()
    ]
    computed = [IndicatorType(name, dict(given)) for name, given in types.defaults().items()]
    return replies.page(Catalogue(stored=stored, computed=computed), IndicatorName, stored)


@router.get("/indicators/{symbol:path}", responses=answers(Indicators, NotFoundError))
async def list_values(
    services: ServicesDep,
    replies: RepliesDep,
    symbol: Symbol,
    interval: AnyInterval = "1m",
    name: Annotated[list[str] | None, Query(description="Of stored ones; all of them without.")] = None,
    type: Annotated[str | None, Query(description="Computed, such as rsi.")] = None,  # noqa: A002
    period: Period = None,
    fast: Period = None,
    slow: Period = None,
    signal: Period = None,
    smoothing: Period = None,
    deviations: Annotated[float | None, Query(gt=0, le=WIDEST)] = None,
    start: Start = None,
    end: End = None,
    limit: Limit = 500,
    order: Order = "asc",
    cursor: Cursor = None,
) -> Response:
    """List values for candles that begin in `[start, end)`; without a start the newest, ascending.

    `limit` is one of candles. With `type` the values are computed from final candles of any interval, and so
    are those of a multiple of a stored interval.
    """
    wanted = interval_of(interval)
    given = {
        key: float(value)
        for key, value in (
            *(("period", period), ("fast", fast), ("slow", slow), ("signal", signal)),
            *(("smoothing", smoothing), ("deviations", deviations)),
        )
        if value is not None
    }
    asset = await assets.known_asset(services.database, symbol)
    of = f"indicators/{symbol}/{wanted.name}/{order}"
    beyond = cursors.decoded(cursor, of, Beyond)
    span = Span.of(start, end, order, beyond.time if beyond else None)
    window = Window(span.start, span.end, limit, span.newest_first)
    computations, definitions = _wanted(type, name, given, is_stored=wanted.is_stored)
    if computations:
        candle_pages.check_size(wanted, limit)
        found, has_more = await computing.values(
            services.database, Wanted(asset, wanted, final_only=True), computations, window
        )
        asked = {definition.name for definition in definitions}
        found = [value for value in found if value.name in asked]
    else:
        names = [definition.name for definition in definitions]
        found, has_more = await queries.values(services.database, symbol, wanted.stored, names, window)
    rows = found[::-1] if span.is_reversed else found
    has_next = has_more and not span.is_reversed and rows
    page = Indicators(
        next=cursors.encoded(of, Beyond(rows[-1].bucket_start)) if has_next else None,
        symbol=symbol,
        interval=wanted.name,
        source_kind=asset.source_kind,
        indicators=_series(definitions, rows),
    )
    return replies.page(page, IndicatorValue, rows)


def _wanted(
    kind: str | None, names: list[str] | None, given: Mapping[str, float], *, is_stored: bool
) -> tuple[Sequence[Computation], Sequence[ValueDefinition]]:
    """Return what has to be computed, nothing where all is stored, and which of its values are wanted."""
    if kind is not None:
        if names:
            raise InvalidRequestError(
                "name: stored indicators have it, and type is for others: give one of both."
            )
        computation = types.computation(kind, given)
        return [computation], computation.definition.values
    if given:
        raise InvalidRequestError(
            f"{next(iter(given))}: it belongs to a type: add type, such as type=rsi, or leave it out."
        )
    definitions = _named(names)
    return [] if is_stored else types.named([one.name for one in definitions]), definitions


def _named(names: list[str] | None) -> Sequence[ValueDefinition]:
    for name in names or ():
        if name not in VALUES:
            raise InvalidRequestError(
                f"name: {name!r} is not stored: /api/v1/indicators lists what is, and type computes others."
            )
    return [VALUES[name] for name in dict.fromkeys(names or VALUES)]


def _series(definitions: Sequence[ValueDefinition], rows: Sequence[IndicatorValue]) -> list[Series]:
    points: dict[str, list[Point]] = defaultdict(list)
    for row in rows:
        points[row.name].append(Point(row.bucket_start, row.value))
    return [Series(one.name, one.unit.value, one.description, points[one.name]) for one in definitions]
