"""Symbols and data sources."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Response

from api.errors import NotFoundError
from api.queries import assets as queries
from api.rest import cursors
from api.rest.describing import answers
from api.rest.parameters import Cursor, Limit, Symbol
from api.rest.replies import RepliesDep
from api.rest.services import ServicesDep
from api.shapes import reference

router = APIRouter(tags=["assets"])

LIST = "assets"


class _After(msgspec.Struct, array_like=True):
    symbol: str


@router.get("/assets", responses=answers(reference.Assets))
async def list_assets(
    services: ServicesDep,
    replies: RepliesDep,
    query: Annotated[
        str | None, Query(max_length=100, description="A part of the symbol or of the name.")
    ] = None,
    asset_class: Annotated[str | None, Query(max_length=100, examples=["crypto"])] = None,
    source: Annotated[str | None, Query(max_length=100, description="As /api/v1/sources names it.")] = None,
    limit: Limit = 500,
    cursor: Cursor = None,
) -> Response:
    """List the symbols that are or were followed (`deleted_at`)."""
    after = cursors.decoded(cursor, LIST, _After)
    selected = queries.listed(query, asset_class, source, after.symbol if after else None, limit + 1)
    found = await queries.assets(services.database, selected)
    rows = found[:limit]
    following = cursors.encoded(LIST, _After(rows[-1].symbol)) if len(found) > limit else None
    return replies.page(reference.Assets(next=following, assets=rows), reference.Asset, rows)


@router.get("/assets/{symbol:path}", responses=answers(reference.Asset, NotFoundError))
async def one_asset(services: ServicesDep, replies: RepliesDep, symbol: Symbol) -> Response:
    """Show one symbol."""
    return replies.one(await queries.known_asset(services.database, symbol))


@router.get("/sources", responses=answers(reference.Sources))
async def list_sources(services: ServicesDep, replies: RepliesDep) -> Response:
    """List the providers that data came from, and how real it is."""
    found = await queries.sources(services.database)
    return replies.page(reference.Sources(sources=found), reference.Source, found)
