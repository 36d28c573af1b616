"""Symbols and their sources."""

from __future__ import annotations

import difflib

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from api.database import Database
from api.errors import NotFoundError
from api.queries.columns import Query
from api.shapes.reference import Asset, Source
from db import models

NEAR = 3
LOOKED_AT = 10_000

_asset: Query = (
    select(
        models.Asset.symbol,
        models.Asset.name,
        models.Asset.asset_class,
        models.Asset.source,
        models.DataSource.kind,
        models.Asset.calendar,
        models.Asset.created_at,
        models.Asset.deleted_at,
    )
    .join(models.DataSource, models.DataSource.name == models.Asset.source)
    # A symbol may have been deleted, and followed again: the asset that lives, or else the last that did.
    .ext(distinct_on(models.Asset.symbol))
    .order_by(models.Asset.symbol, models.Asset.deleted_at.desc().nulls_first())
)


def listed(
    text: str | None, asset_class: str | None, source: str | None, after: str | None, limit: int
) -> Query:
    """Select assets in the order of their symbols: those whose symbol or name contains a text."""
    query = _asset
    if text:
        contained = (
            column.icontains(text, autoescape=True) for column in (models.Asset.symbol, models.Asset.name)
        )
        query = query.where(or_(*contained))
    if asset_class:
        query = query.where(models.Asset.asset_class == asset_class)
    if source:
        query = query.where(models.Asset.source == source)
    if after is not None:
        query = query.where(models.Asset.symbol > after)
    return query.limit(limit)


async def assets(database: Database, query: Query) -> list[Asset]:
    """Return the assets that a query selects."""
    return [Asset(*row) for row in await database.rows(query)]


async def known_asset(database: Database, symbol: str) -> Asset:
    """Return the asset of a symbol, also of a deleted one.

    Raises :class:`NotFoundError`, which names symbols that are written alike.
    """
    found = await assets(database, _asset.where(models.Asset.symbol == symbol))
    if found:
        return found[0]
    known = await database.rows(select(models.Asset.symbol).distinct().limit(LOOKED_AT))
    near = difflib.get_close_matches(symbol, [row.symbol for row in known], NEAR)
    hint = f"Did you mean {' or '.join(near)}? " if near else ""
    raise NotFoundError(f"There is no symbol {symbol!r}. {hint}/api/v1/assets lists all there are.")


async def sources(database: Database) -> list[Source]:
    """Return every source."""
    table = models.DataSource
    query = select(table.name, table.kind, table.description, table.created_at).order_by(table.name)
    return [Source(*row) for row in await database.rows(query)]
