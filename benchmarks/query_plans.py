"""The plans of the statements that the read API sends for a request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from db.settings import DatabaseSettings


@dataclass
class Statements:
    """What was sent to the database, with its parameters."""

    sent: list[tuple[str, Sequence[Any]]] = field(default_factory=list)


@contextmanager
def recorded(engine: AsyncEngine) -> Iterator[Statements]:
    """Record what an engine sends meanwhile."""
    statements = Statements()

    def record(_: Any, __: Any, statement: str, parameters: Sequence[Any], *___: Any) -> None:
        statements.sent.append((statement, parameters))

    event.listen(engine.sync_engine, "before_cursor_execute", record)
    try:
        yield statements
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", record)


async def plans(settings: DatabaseSettings, statements: Statements) -> list[str]:
    """Return the plan of each statement, as the reader's role would have it made."""
    connection = await asyncpg.connect(
        host=settings.postgres_host,
        port=settings.postgres_port,
        database=settings.postgres_db,
        user="market_reader",
        password=settings.password("market_reader"),
        server_settings={"plan_cache_mode": "force_custom_plan", "jit": "off"},
    )
    try:
        return [
            "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {statement}", *parameters))
            for statement, parameters in statements.sent
        ]
    finally:
        await connection.close()
