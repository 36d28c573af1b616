"""Search by words of a symbol or a name."""

from __future__ import annotations

import msgspec

from producer.errors import ProviderError, Soon
from producer.polling.http import RestServer
from producer.polling.refusals import classify
from producer.providers.alpha_vantage.refusals import REFUSALS
from producer.providers.protocol import FoundSymbol


class _Match(msgspec.Struct, frozen=True):
    symbol: str = msgspec.field(name="1. symbol")
    name: str | None = msgspec.field(name="2. name", default=None)
    region: str | None = msgspec.field(name="4. region", default=None)
    currency: str | None = msgspec.field(name="8. currency", default=None)


class _Found(msgspec.Struct, frozen=True):
    matches: list[_Match] | None = msgspec.field(name="bestMatches", default=None)


class AlphaVantageSearch:
    """One call a search."""

    def __init__(self, server: RestServer) -> None:
        self._server = server

    async def ask(self, words: str) -> list[FoundSymbol]:
        """Make one call; raises :class:`ProviderError`, classified."""
        reply = await self._server.get("query", {"function": "SYMBOL_SEARCH", "keywords": words})
        if reply.status != 200:
            raise classify(self._server.name, reply, REFUSALS, [words])
        try:
            matches = msgspec.json.decode(reply.text, type=_Found).matches
        except msgspec.DecodeError as error:
            raise ProviderError(
                f"{self._server.name}'s answer to the search for {words!r} cannot be understood: {error}.",
                retry=Soon(),
            ) from error
        if matches is None:
            raise classify(self._server.name, reply, REFUSALS, [words])
        return [FoundSymbol(one.symbol, one.name, one.region, one.currency) for one in matches]
