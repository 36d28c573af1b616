"""How fresh the candles are, and what the database knows of the pipeline."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import func, lateral, select, true

from api.database import Database
from api.errors import DatabaseUnavailableError, OverloadedError
from api.queries.columns import Query
from api.shapes import status as shapes
from db import models

MINUTE = "1m"


def freshness() -> Query:
    """Select the newest one-minute candle of each followed symbol."""
    table = models.Candle
    newest = lateral(
        select(table.bucket_start, table.updated_at)
        .where(table.symbol == models.Asset.symbol, table.interval == MINUTE)
        .order_by(table.bucket_start.desc())
        .limit(1)
    )
    query: Query = (
        select(
            models.Asset.symbol,
            models.Asset.source,
            models.DataSource.kind,
            newest.c.bucket_start,
            newest.c.updated_at,
        )
        .select_from(models.Asset)
        .join(models.DataSource, models.DataSource.name == models.Asset.source)
        .join(newest, true(), isouter=True)
        .where(models.Asset.deleted_at.is_(None))
        .order_by(newest.c.updated_at.asc().nulls_first(), models.Asset.symbol)
    )
    return query


def counts() -> Query:
    """Select how many gaps are open, and how many runs are going on."""
    gaps = select(func.count()).where(models.Gap.closed_at.is_(None)).scalar_subquery()
    runs = select(func.count()).where(models.IngestRun.status == "running").scalar_subquery()
    query: Query = select(gaps, runs)
    return query


async def database_status(database: Database) -> shapes.Database:
    """Return how fresh each symbol is; a database that is away is no error."""
    try:
        rows = await database.rows(freshness())
        counted = await database.row(counts())
    except (DatabaseUnavailableError, OverloadedError) as error:
        return shapes.Database("unavailable", str(error))
    now = datetime.now(UTC)
    symbols = [
        shapes.Freshness(
            symbol=symbol,
            source=source,
            source_kind=kind,
            newest_candle=newest,
            written_at=written,
            written_seconds_ago=(now - written).total_seconds() if written else None,
        )
        for symbol, source, kind, newest, written in rows
    ]
    gaps, runs = counted or (None, None)
    return shapes.Database("available", open_gaps=gaps, running_runs=runs, symbols=symbols)
