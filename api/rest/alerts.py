"""Rules that watch the market, and when they fired."""

from __future__ import annotations

import msgspec
from fastapi import APIRouter, Response

from api.queries import events as queries
from api.rest import cursors
from api.rest.describing import answers
from api.rest.events import NumberKey
from api.rest.parameters import Cursor, End, Limit, Start, SymbolFilter, check_order
from api.rest.replies import RepliesDep
from api.rest.services import ServicesDep
from api.shapes.events import AlertEvent, AlertEvents, AlertRule, AlertRules

router = APIRouter(tags=["alerts"])


class _EventKey(msgspec.Struct, array_like=True):
    event_time: cursors.Time
    rule_id: cursors.Number
    symbol: str


@router.get("/alert-rules", responses=answers(AlertRules))
async def list_alert_rules(
    services: ServicesDep,
    replies: RepliesDep,
    symbol: SymbolFilter = None,
    limit: Limit = 500,
    cursor: Cursor = None,
) -> Response:
    """List the rules there are."""
    beyond = cursors.decoded(cursor, "alert-rules", NumberKey)
    query = queries.alert_rules(symbol, beyond.id if beyond else None, limit + 1)
    found = [AlertRule(*row) for row in await services.database.rows(query)]
    rows = found[:limit]
    following = cursors.encoded("alert-rules", NumberKey(rows[-1].id)) if len(found) > limit else None
    return replies.page(AlertRules(next=following, alert_rules=rows), AlertRule, rows)


@router.get("/alert-events", responses=answers(AlertEvents))
async def list_alert_events(
    services: ServicesDep,
    replies: RepliesDep,
    symbol: SymbolFilter = None,
    start: Start = None,
    end: End = None,
    limit: Limit = 500,
    cursor: Cursor = None,
) -> Response:
    """List alerts whose time lies in `[start, end)`, the newest first."""
    check_order(start, end)
    beyond = cursors.decoded(cursor, "alert-events", _EventKey)
    before = (beyond.event_time, beyond.rule_id, beyond.symbol) if beyond else None
    query = queries.alert_events(symbol, (start, end), before, limit + 1)
    found = [AlertEvent(*row) for row in await services.database.rows(query)]
    rows = found[:limit]
    following = None
    if len(found) > limit:
        last = rows[-1]
        following = cursors.encoded("alert-events", _EventKey(last.event_time, last.rule_id, last.symbol))
    return replies.page(AlertEvents(next=following, alert_events=rows), AlertEvent, rows)
