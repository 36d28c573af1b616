"""PostgreSQL as `market_reader`, asked over a pool of connections, each query held to a time limit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import asyncpg
from sqlalchemy import Executable, Row, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from api.errors import ApiError, DatabaseUnavailableError, InvalidRequestError, OverloadedError
from api.settings import ApiSettings
from db.settings import DatabaseSettings

CONNECT_TIMEOUT_SECONDS = 3
WAIT_FOR_CONNECTION_SECONDS = 2
QUERY_CANCELED = "57014"
# The class of values that cannot be, such as a text with a zero byte.
DATA_EXCEPTION = "22"
# Errors of connecting come as the driver raises them.
DATABASE_ERRORS = (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)


class Database:
    """The pool; every method may raise :class:`DatabaseUnavailableError` and :class:`OverloadedError`."""

    def __init__(self, database: DatabaseSettings, settings: ApiSettings) -> None:
        self._seconds = settings.api_query_seconds
        self._pool_size = settings.api_pool_size
        self.engine: AsyncEngine = create_async_engine(
            database.url("market_reader").set(drivername="postgresql+asyncpg"),
            pool_size=settings.api_pool_size,
            max_overflow=0,
            pool_timeout=WAIT_FOR_CONNECTION_SECONDS,
            pool_pre_ping=True,
            isolation_level="AUTOCOMMIT",
            connect_args={
                "timeout": CONNECT_TIMEOUT_SECONDS,
                "server_settings": {
                    "statement_timeout": str(math.ceil(self._seconds * 1_000)),
                    "application_name": "candlewick api",
                    # Compiling a query takes longer than any of ours runs.
                    "jit": "off",
                    # Each plan is made for its own parameters, so that it leaves partitions out.
                    "plan_cache_mode": "force_custom_plan",
                },
            },
        )

    async def rows(
        self, statement: Executable, *, may_write: bool = False
    ) -> Sequence[Row[*tuple[Any, ...]]]:
        """Return all rows of one statement; only what `may_write` runs outside a read-only transaction."""
        try:
            async with self.engine.connect() as connection:
                if may_write:
                    await connection.execution_options(isolation_level="READ COMMITTED")
                    async with connection.begin():
                        await connection.execute(text("SET TRANSACTION READ WRITE"))
                        return (await connection.execute(statement)).all()
                return (await connection.execute(statement)).all()
        except DATABASE_ERRORS as error:
            raise self.explain(error) from error

    async def row(self, statement: Executable, *, may_write: bool = False) -> Row[*tuple[Any, ...]] | None:
        """Return the first row of one statement, None where there is none."""
        rows = await self.rows(statement, may_write=may_write)
        return rows[0] if rows else None

    async def check(self) -> None:
        """Return when the database answers."""
        await self.rows(text("SELECT 1"))

    async def close(self) -> None:
        """Close the connections."""
        await self.engine.dispose()

    def explain(self, error: BaseException) -> ApiError:
        """Return the problem that an error of SQLAlchemy, or of connecting, is to a reader."""
        if isinstance(error, PoolTimeoutError):
            return OverloadedError(
                f"All {self._pool_size} connections to the database were busy for "
                f"{WAIT_FOR_CONNECTION_SECONDS} s: try again, or raise API_POOL_SIZE."
            )
        state = str(getattr(error.orig, "sqlstate", "")) if isinstance(error, DBAPIError) else ""
        if state.startswith(DATA_EXCEPTION):
            return InvalidRequestError(
                f"A parameter has a value that the database cannot take: {one_line(error)}. Give another one."
            )
        if state == QUERY_CANCELED:
            return OverloadedError(
                f"The query took longer than {self._seconds:g} s (API_QUERY_SECONDS) and was ended: ask for "
                f"a shorter time or a smaller limit, or try again."
            )
        return DatabaseUnavailableError(f"The database does not answer: {one_line(error)}. Try again later.")


def one_line(error: BaseException) -> str:
    """Return a database error's reason in one line, without SQL and without any password."""
    cause = getattr(error, "orig", None) or error
    words = " ".join(str(cause).split()).removesuffix(".")
    return words.rpartition("'>: ")[2] or type(cause).__name__
