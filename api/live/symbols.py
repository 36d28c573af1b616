"""Which symbols there are."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from sqlalchemy import select

from api.database import Database
from db.models import Asset

# A new symbol is found after this time; thousands of clients asking at once make one query.
REFRESH_SECONDS = 1.0
# A symbol that was deleted is no longer accepted after this time.
STALE_SECONDS = 60.0


class KnownSymbols:
    """The symbols of all living assets, read again when one is asked for that is not among them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: frozenset[str] = frozenset()
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()

    async def unknown(self, symbols: Sequence[str]) -> list[str]:
        """Return those that are followed nowhere, in their order.

        Raises :class:`DatabaseUnavailableError` or :class:`OverloadedError` where it cannot be known.
        """
        for age in (STALE_SECONDS, REFRESH_SECONDS):
            await self._refresh(age)
            unknown = [symbol for symbol in dict.fromkeys(symbols) if symbol not in self._known]
            if not unknown:
                break
        return unknown

    async def _refresh(self, seconds: float) -> None:
        async with self._reading:
            if time.monotonic() - self._read_at < seconds:
                return
            rows = await self._database.rows(select(Asset.symbol).where(Asset.deleted_at.is_(None)))
            self._known = frozenset(row.symbol for row in rows)
            self._read_at = time.monotonic()
