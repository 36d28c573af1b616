"""Symbols that are followed beside the configured ones, and configured ones that are not."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace

from pydantic import ValidationError
from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.postgresql import distinct_on

from db.models import Asset
from producer.database import DATABASE_ERRORS, Database, database_that, one_line, register_source
from producer.errors import (
    SymbolConflictError,
    SymbolRefusedError,
    UnknownProviderError,
    UnknownSymbolError,
)
from producer.feeds import Feeds
from producer.providers.protocol import Provider, Source
from producer.settings import SYMBOL_SETTINGS, ProducerSettings

logger = logging.getLogger(__name__)

Build = Callable[[ProducerSettings], dict[str, Provider]]


class Symbols:
    """Changes which symbols a provider has: its feed is opened anew for them, where it runs."""

    def __init__(self, settings: ProducerSettings, feeds: Feeds, database: Database, build: Build) -> None:
        self._settings = settings
        self._feeds = feeds
        self._database = database
        self._build = build
        self._changing = asyncio.Lock()

    async def load(self) -> None:
        """Apply what was changed before; while the database is away, the configured symbols hold."""
        try:
            changes = await self._database.transaction(_changes)
        except DATABASE_ERRORS as error:
            logger.warning("the configured symbols hold, the database is away: %s", one_line(error))
            return
        for name in self._feeds.providers.keys() & SYMBOL_SETTINGS.keys():
            configured = self._feeds.providers[name].source.symbols
            gone = {symbol for (source, symbol), follows in changes.items() if source == name and not follows}
            added = (symbol for (source, symbol), follows in changes.items() if source == name and follows)
            wanted = tuple(dict.fromkeys(one for one in (*configured, *added) if one not in gone))
            if wanted and wanted != configured:
                self._load(name, wanted)

    async def follow(self, name: str, symbol: str) -> bool:
        """Follow a symbol from now on; returns False where the provider has it already.

        Raises :class:`UnknownProviderError`, :class:`SymbolConflictError`, :class:`SymbolRefusedError`, or
        :class:`DatabaseUnavailableError`.
        """
        async with self._changing:
            provider = self._provider(name)
            if symbol in provider.source.symbols:
                return False
            for other in filter(self._feeds.is_running, self._feeds.names):
                if symbol in self._feeds.providers[other].source.symbols:
                    raise SymbolConflictError(
                        f"{other} streams {symbol} already, and a candle has one source: "
                        f"delete it there first."
                    )
            settings = self._with(name, (*provider.source.symbols, symbol))
            await self._transaction(lambda connection: _follow(connection, provider.source, symbol))
            await self._change(name, settings)
            return True

    async def unfollow(self, name: str, symbol: str) -> None:
        """Follow a symbol no more; its candles stay.

        Raises :class:`UnknownProviderError`, :class:`UnknownSymbolError`, :class:`SymbolConflictError` for
        the provider's last symbol, or :class:`DatabaseUnavailableError`.
        """
        async with self._changing:
            provider = self._provider(name)
            left = tuple(one for one in provider.source.symbols if one != symbol)
            if left == provider.source.symbols:
                raise UnknownSymbolError(f"{name} does not have {symbol}: GET /symbols lists what it has.")
            if not left:
                raise SymbolConflictError(f"{symbol} is the last symbol of {name}: stop its feed instead.")
            settings = self._with(name, left)
            await self._transaction(lambda connection: _unfollow(connection, provider.source, symbol))
            await self._change(name, settings)

    def _provider(self, name: str) -> Provider:
        able = self._feeds.providers.keys() & SYMBOL_SETTINGS.keys()
        if name not in able:
            raise UnknownProviderError(
                f"The symbols of {name!r} cannot be changed. Those of these can: {', '.join(sorted(able))}."
            )
        return self._feeds.providers[name]

    def _with(self, name: str, symbols: tuple[str, ...]) -> ProducerSettings:
        """Return the settings with other symbols of a provider, held by the rules of the settings."""
        changed = self._settings.model_dump() | {SYMBOL_SETTINGS[name]: symbols}
        try:
            return ProducerSettings.model_validate(changed)
        except ValidationError as error:
            raise SymbolRefusedError(
                "; ".join(fault["msg"].removeprefix("Value error, ") for fault in error.errors())
            ) from None

    def _load(self, name: str, symbols: tuple[str, ...]) -> None:
        try:
            self._take(name, self._with(name, symbols))
        except SymbolRefusedError as error:
            logger.warning("%s follows the configured symbols alone: %s", name, error)

    def _take(self, name: str, settings: ProducerSettings) -> None:
        self._settings = settings
        self._feeds.providers[name] = self._build(settings)[name]

    async def _change(self, name: str, settings: ProducerSettings) -> None:
        was_running = await self._feeds.stop(name)
        self._take(name, settings)
        if was_running:
            self._feeds.start(name)

    async def _transaction(self, work: Callable[[Connection], None]) -> None:
        with database_that("remembers the symbols"):
            await self._database.transaction(work)


def _changes(connection: Connection) -> dict[tuple[str, str], bool]:
    """Return what was asked for last of each source and symbol: to follow it, or not to."""
    newest = (
        select(Asset.source, Asset.symbol, Asset.deleted_at)
        .where(Asset.is_requested | Asset.deleted_at.is_not(None))
        .ext(distinct_on(Asset.source, Asset.symbol))
        .order_by(Asset.source, Asset.symbol, Asset.id.desc())
    )
    return {(row.source, row.symbol): row.deleted_at is None for row in connection.execute(newest)}


def _follow(connection: Connection, source: Source, symbol: str) -> None:
    _ask_for(connection, source, symbol, {"is_requested": True})


def _unfollow(connection: Connection, source: Source, symbol: str) -> None:
    _ask_for(connection, source, symbol, {"deleted_at": func.now()})


def _ask_for(connection: Connection, source: Source, symbol: str, values: dict[str, object]) -> None:
    # A symbol whose feed has never run is unknown so far.
    register_source(connection, replace(source, symbols=(symbol,)), takes_over=True)
    living = (Asset.symbol == symbol) & Asset.deleted_at.is_(None)
    connection.execute(update(Asset).where(living).values(values))
