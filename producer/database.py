"""What the producer tells and asks PostgreSQL: which sources and symbols there are, and how far they got."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import cached_property
from typing import TypeVar

from sqlalchemy import Connection, Engine, func, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from tenacity import AsyncRetrying, retry_if_exception_type, wait_exponential_jitter

from db.connection import pooled_engine
from db.errors import DatabaseError
from db.models import Asset, Candle, DataSource, Snapshot
from db.settings import DatabaseSettings
from producer.errors import DatabaseUnavailableError
from producer.events import to_micros
from producer.providers.protocol import Source
from producer.trading_day import ALWAYS_OPEN

logger = logging.getLogger(__name__)

CONNECT_TIMEOUT = timedelta(seconds=3)
RETRY_INITIAL_SECONDS = 1.0
RETRY_MAX_SECONDS = 60.0

Result = TypeVar("Result")

DATABASE_ERRORS = (SQLAlchemyError, DatabaseError)


class Database:
    """PostgreSQL as role `market_writer`; each call runs in a thread, so feeds never wait for it."""

    def __init__(self, settings: DatabaseSettings) -> None:
        self._settings = settings

    @cached_property
    def _engine(self) -> Engine:
        return pooled_engine(
            self._settings, "market_writer", program="producer", size=2, connect_timeout=CONNECT_TIMEOUT
        )

    async def check(self) -> str | None:
        """Return None when the database answers, else the reason in one line, without any password."""
        try:
            await self.transaction(lambda connection: connection.execute(text("SELECT 1")).scalar_one())
        except DATABASE_ERRORS as error:
            return one_line(error)
        return None

    async def register(self, source: Source, *, takes_over: bool = True) -> None:
        """Write a source and its symbols into `data_sources` and `assets`, trying until it is done.

        Without ``takes_over``, as for a replay, symbols that come from another source stay with that one.
        """
        async for attempt in AsyncRetrying(
            wait=wait_exponential_jitter(multiplier=RETRY_INITIAL_SECONDS, max=RETRY_MAX_SECONDS),
            retry=retry_if_exception_type(DATABASE_ERRORS),
        ):
            with attempt:
                try:
                    await self.transaction(
                        lambda connection: register_source(connection, source, takes_over=takes_over)
                    )
                except DATABASE_ERRORS as error:
                    logger.warning(
                        "%s is not registered yet, the database is away: %s", source.name, one_line(error)
                    )
                    raise

    async def newest_times(self, symbols: Sequence[str]) -> dict[str, int]:
        """Return the newest event time stored of each symbol, microseconds UTC; unknown ones are absent.

        Without snapshots it is the start of the newest minute. Raises one of ``DATABASE_ERRORS``.
        """
        return await self.transaction(lambda connection: _newest_times(connection, symbols))

    async def connect(self) -> Connection:
        """Return a connection of its own, outside the pool, to be closed by the caller in a thread.

        Raises one of ``DATABASE_ERRORS``.
        """

        def connection() -> Connection:
            connected = self._engine.connect()
            connected.detach()
            return connected

        return await asyncio.to_thread(connection)

    async def close(self) -> None:
        """Close the connections."""
        if "_engine" in self.__dict__:
            await asyncio.to_thread(self._engine.dispose)

    async def transaction(self, work: Callable[[Connection], Result]) -> Result:
        """Do some work in one transaction; raises one of ``DATABASE_ERRORS``."""

        def transaction() -> Result:
            with self._engine.begin() as connection:
                return work(connection)

        return await asyncio.to_thread(transaction)


@contextmanager
def database_that(what: str) -> Iterator[None]:
    """Raise :class:`DatabaseUnavailableError` in place of ``DATABASE_ERRORS``.

    ``what`` says of the database what it does for whoever asks: that it "holds the runs".
    """
    try:
        yield
    except DATABASE_ERRORS as error:
        raise database_away(what, one_line(error)) from error


def database_away(what: str, reason: str) -> DatabaseUnavailableError:
    """Make the error of a database without which nothing can be answered now."""
    return DatabaseUnavailableError(
        f"The database, which {what}, is away: {reason}. Try again when /health says that it answers."
    )


def register_source(connection: Connection, source: Source, *, takes_over: bool) -> None:
    """Write a source and its symbols down; without ``takes_over`` those of another source stay its own."""
    sources = insert(DataSource).values(name=source.name, kind=source.kind, description=source.description)
    connection.execute(
        sources.on_conflict_do_update(
            index_elements=[DataSource.name],
            set_={"kind": source.kind, "description": source.description},
        )
    )
    if not source.symbols:
        return
    assets = insert(Asset).values(
        [
            {
                "symbol": symbol,
                "asset_class": _asset_class(symbol, source.calendar),
                "source": source.name,
                "calendar": source.calendar,
            }
            for symbol in sorted(set(source.symbols))
        ]
    )
    living = Asset.deleted_at.is_(None)
    if source.kind == "replay" or not takes_over:
        # What is past of a symbol that is followed live does not take it over.
        connection.execute(assets.on_conflict_do_nothing(index_elements=[Asset.symbol], index_where=living))
        return
    connection.execute(
        assets.on_conflict_do_update(
            index_elements=[Asset.symbol],
            index_where=living,
            set_={"source": source.name, "calendar": source.calendar, "updated_at": func.now()},
            where=or_(Asset.source != source.name, Asset.calendar != source.calendar),
        )
    )


def _newest_times(connection: Connection, symbols: Sequence[str]) -> dict[str, int]:
    minutes = connection.execute(
        select(Candle.symbol, func.max(Candle.bucket_start))
        .where(Candle.symbol.in_(symbols), Candle.interval == "1m", Candle.origin == "stream")
        .group_by(Candle.symbol)
    )
    newest = {}
    for symbol, minute in minutes.all():
        # Only the partitions since the newest candle are looked at.
        event_time = connection.execute(
            select(func.max(Snapshot.event_time)).where(
                Snapshot.symbol == symbol, Snapshot.event_time >= minute
            )
        ).scalar_one()
        newest[symbol] = to_micros(max(minute, event_time or minute))
    return newest


def _asset_class(symbol: str, calendar: str) -> str:
    return "crypto" if "-" in symbol and calendar == ALWAYS_OPEN else "equity"


def one_line(error: BaseException) -> str:
    """Return a database error's reason in one line, without SQL and without any password."""
    cause = getattr(error, "orig", None) or error
    return " ".join(str(cause).split())
