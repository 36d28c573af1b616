"""Search for symbols at a provider that counts calls: what it implements, and the counting around it."""

from __future__ import annotations

from typing import Protocol

from producer.errors import QuotaSpentError
from producer.providers.protocol import FoundSymbol
from producer.quota.meter import Meter


class SearchCall(Protocol):
    """How one provider is asked."""

    async def ask(self, words: str) -> list[FoundSymbol]:
        """Make exactly one call; raises :class:`ProviderError`, classified."""


class MeteredSearch:
    """Asks a provider and counts the call first."""

    def __init__(self, call: SearchCall, meter: Meter) -> None:
        self._call = call
        self._meter = meter

    async def search(self, words: str) -> list[FoundSymbol]:
        """Return what the provider finds, best first; raises :class:`ProviderError`."""
        await self._meter.take()
        try:
            return await self._call.ask(words)
        except QuotaSpentError:
            await self._meter.note_spent()
            raise
