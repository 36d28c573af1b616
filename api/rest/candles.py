"""Candles of a symbol."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Query, Response

from api.errors import NotFoundError
from api.queries import assets, candle_pages
from api.queries import candles as queries
from api.queries.candle_pages import Wanted
from api.queries.window import Window
from api.rest import cursors
from api.rest.describing import answers
from api.rest.parameters import AnyInterval, Cursor, End, Limit, Order, Span, Start, Symbol, interval_of
from api.rest.replies import NO_CACHE, SETTLED, RepliesDep
from api.rest.services import ServicesDep
from api.shapes.market import Candle, Candles, LatestCandle

router = APIRouter(tags=["candles"])

# Events are corrected for ten minutes; what is older changes by a backfill or a rebuild alone.
SETTLES_AFTER = timedelta(hours=1)

Fill = Annotated[
    Literal["none", "previous", "null"],
    Query(description="What stands for candles in which nothing traded while the venue was open."),
]


class Beyond(msgspec.Struct, array_like=True):
    """The key of a row of a time series."""

    time: cursors.Time


@router.get("/candles/{symbol:path}/latest", responses=answers(LatestCandle, NotFoundError))
async def latest_candle(
    services: ServicesDep, replies: RepliesDep, symbol: Symbol, interval: AnyInterval = "1m"
) -> Response:
    """Show the newest candle, finished or not; null where the symbol has none yet."""
    wanted = interval_of(interval)
    asset = await assets.known_asset(services.database, symbol)
    newest = queries.selected(symbol, wanted, Window(None, None, 1, newest_first=True))
    found = await queries.candles(services.database, newest)
    return replies.one(LatestCandle(symbol, wanted.name, asset.source_kind, found[0] if found else None))


@router.get("/candles/{symbol:path}", responses=answers(Candles, NotFoundError))
async def list_candles(
    services: ServicesDep,
    replies: RepliesDep,
    symbol: Symbol,
    interval: AnyInterval = "1m",
    start: Start = None,
    end: End = None,
    limit: Limit = 500,
    fill: Fill = "none",
    final_only: Annotated[bool, Query(description="Leave out what is not finished.")] = False,
    order: Order = "asc",
    cursor: Cursor = None,
) -> Response:
    """List candles that begin in `[start, end)`; without a start the newest, in ascending order.

    With `order=desc` the newest come first, and `next` leads back in time.
    """
    wanted = interval_of(interval)
    candle_pages.check_size(wanted, limit)
    of = f"candles/{symbol}/{wanted.name}/{order}"
    beyond = cursors.decoded(cursor, of, Beyond)
    span = Span.of(start, end, order, beyond.time if beyond else None)
    asset = await assets.known_asset(services.database, symbol)
    part = await candle_pages.page(
        services.database,
        Wanted(asset, wanted, fill, final_only),
        Window(span.start, span.end, limit, span.newest_first),
    )
    # What comes before the newest ones is not what follows them.
    has_next = part.has_more and not span.is_reversed
    rows = part.rows[::-1] if span.is_reversed else part.rows
    following = cursors.encoded(of, Beyond(part.last)) if has_next and part.last else None
    answer = Candles(
        next=following, symbol=symbol, interval=wanted.name, source_kind=asset.source_kind, candles=rows
    )
    return replies.page(answer, Candle, rows, _caching(rows, span, following))


def _caching(rows: Sequence[Candle], span: Span, following: str | None) -> str:
    ends_in_past = span.end is not None and span.end <= datetime.now(UTC) - SETTLES_AFTER
    is_full = following is not None and not span.newest_first
    return SETTLED if (ends_in_past or is_full) and all(row.is_final for row in rows) else NO_CACHE
