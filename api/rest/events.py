"""Raw events, gaps and runs: what came in, and what did not."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Response

from api.errors import NotFoundError
from api.queries import assets
from api.queries import events as queries
from api.rest import cursors
from api.rest.describing import answers
from api.rest.parameters import Cursor, End, Limit, Order, Span, Start, Symbol, SymbolFilter
from api.rest.replies import RepliesDep
from api.rest.services import ServicesDep
from api.shapes.events import Gap, Gaps, Run, Runs, Snapshot, Snapshots
from producer.api.models import RunKind, RunStatus

router = APIRouter(tags=["events"])


class EventKey(msgspec.Struct, array_like=True):
    """The key of an event of a symbol."""

    time: cursors.Time
    id: str


class NumberKey(msgspec.Struct, array_like=True):
    """The key of a row that has a number."""

    id: cursors.Number


@router.get("/snapshots/{symbol:path}", responses=answers(Snapshots, NotFoundError))
async def list_snapshots(
    services: ServicesDep,
    replies: RepliesDep,
    symbol: Symbol,
    start: Start = None,
    end: End = None,
    limit: Limit = 500,
    order: Order = "asc",
    cursor: Cursor = None,
) -> Response:
    """List raw events whose time lies in `[start, end)`; without a start the newest, in ascending order.

    They are kept for SNAPSHOTS_RETENTION_DAYS.
    """
    of = f"snapshots/{symbol}/{order}"
    beyond = cursors.decoded(cursor, of, EventKey)
    span = Span.of(start, end, order, None)
    asset = await assets.known_asset(services.database, symbol)
    after = (beyond.time, beyond.id) if beyond else None
    newest_first = span.newest_first and not (beyond and order == "asc")
    query = queries.snapshots(symbol, (span.start, span.end), after, limit + 1, newest_first=newest_first)
    found = [Snapshot(*row) for row in await services.database.rows(query)]
    rows, has_more = found[:limit], len(found) > limit
    if newest_first and order == "asc":
        rows, has_more = rows[::-1], False
    following = cursors.encoded(of, EventKey(rows[-1].event_time, rows[-1].event_id)) if has_more else None
    page = Snapshots(next=following, symbol=symbol, source_kind=asset.source_kind, snapshots=rows)
    return replies.page(page, Snapshot, rows)


@router.get("/gaps", responses=answers(Gaps))
async def list_gaps(
    services: ServicesDep,
    replies: RepliesDep,
    symbol: SymbolFilter = None,
    is_open: Annotated[
        bool | None, Query(alias="open", description="Only those that are open, or only closed ones.")
    ] = None,
    limit: Limit = 500,
    cursor: Cursor = None,
) -> Response:
    """List times without data, the one found last first."""
    beyond = cursors.decoded(cursor, "gaps", NumberKey)
    query = queries.gaps(symbol, is_open, beyond.id if beyond else None, limit + 1)
    found = [Gap(*row) for row in await services.database.rows(query)]
    rows = found[:limit]
    following = cursors.encoded("gaps", NumberKey(rows[-1].id)) if len(found) > limit else None
    return replies.page(Gaps(next=following, gaps=rows), Gap, rows)


@router.get("/runs", responses=answers(Runs))
async def list_runs(
    services: ServicesDep,
    replies: RepliesDep,
    kind: RunKind | None = None,
    status: RunStatus | None = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """List fetches, streams, backfills and replays, the newest first."""
    beyond = cursors.decoded(cursor, "runs", NumberKey)
    query = queries.runs(kind, status, beyond.id if beyond else None, limit + 1)
    found = [Run(*row) for row in await services.database.rows(query)]
    rows = found[:limit]
    following = cursors.encoded("runs", NumberKey(rows[-1].id)) if len(found) > limit else None
    return replies.page(Runs(next=following, runs=rows), Run, rows)
