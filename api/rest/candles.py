"""Candles of a symbol."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Query, Response

from api.errors import InvalidRequestError, NotFoundError
from api.queries import assets
from api.queries import candles as queries
from api.queries.candles import STORED, Window
from api.rest import cursors
from api.rest.describing import answers
from api.rest.parameters import Cursor, End, Limit, Start, Symbol, check_order
from api.rest.replies import NO_CACHE, SETTLED, RepliesDep
from api.rest.services import ServicesDep
from api.shapes.market import Candle, Candles, LatestCandle

router = APIRouter(tags=["candles"])

SETTLES_AFTER = timedelta(hours=1)

Interval = Annotated[str, Query(description="Such as 1m, 7m, 4h, 1d or 1w.")]


class _Beyond(msgspec.Struct, array_like=True):
    bucket_start: datetime


@router.get("/candles/{symbol:path}/latest", responses=answers(LatestCandle, NotFoundError))
async def latest_candle(
    services: ServicesDep, replies: RepliesDep, symbol: Symbol, interval: Interval = "1m"
) -> Response:
    """Show the newest candle, finished or not; null where the symbol has none yet."""
    _check_interval(interval)
    asset = await assets.known_asset(services.database, symbol)
    newest = queries.stored(symbol, interval, Window(None, None, 1, newest_first=True))
    found = await queries.candles(services.database, newest)
    return replies.one(LatestCandle(symbol, interval, asset.source_kind, found[0] if found else None))


@router.get("/candles/{symbol:path}", responses=answers(Candles, NotFoundError))
async def list_candles(
    services: ServicesDep,
    replies: RepliesDep,
    symbol: Symbol,
    interval: Interval = "1m",
    start: Start = None,
    end: End = None,
    limit: Limit = 500,
    final_only: Annotated[bool, Query(description="Leave out what is not finished.")] = False,
    order: Literal["asc", "desc"] = "asc",
    cursor: Cursor = None,
) -> Response:
    """List candles that begin in `[start, end)`; without a start the newest, in ascending order.

    With `order=desc` the newest come first, and `next` leads back in time.
    """
    _check_interval(interval)
    check_order(start, end)
    asset = await assets.known_asset(services.database, symbol)
    of = f"candles/{symbol}/{interval}/{order}"
    beyond = cursors.decoded(cursor, of, _Beyond)
    newest_first = order == "desc" or (start is None and beyond is None)
    if beyond is not None and order == "asc":
        start = beyond.bucket_start + timedelta(microseconds=1)
    elif beyond is not None:
        end = beyond.bucket_start
    window = Window(start, end, limit + 1, newest_first, final_only)
    found = await queries.candles(services.database, queries.stored(symbol, interval, window))
    rows, has_more = found[:limit], len(found) > limit
    if newest_first and order == "asc":
        # What comes before the newest ones is not what follows them.
        rows.reverse()
        has_more = False
    following = cursors.encoded(of, _Beyond(rows[-1].bucket_start)) if has_more else None
    page = Candles(
        next=following, symbol=symbol, interval=interval, source_kind=asset.source_kind, candles=rows
    )
    ends_in_past = end is not None and end <= datetime.now(UTC) - SETTLES_AFTER
    is_settled = all(row.is_final for row in rows) and (ends_in_past or (has_more and order == "asc"))
    return replies.page(page, Candle, rows, SETTLED if is_settled else NO_CACHE)


def _check_interval(interval: str) -> None:
    if interval not in STORED:
        raise InvalidRequestError(f"interval: {interval!r} is none of {', '.join(STORED)}.")
