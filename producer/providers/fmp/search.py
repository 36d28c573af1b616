"""Search by the beginning of a symbol."""

from __future__ import annotations

import msgspec

from producer.polling.http import RestServer
from producer.providers.fmp.answers import listed
from producer.providers.fmp.plans import Plan
from producer.providers.protocol import FoundSymbol


class _Match(msgspec.Struct, frozen=True, rename="camel"):
    symbol: str
    name: str | None = None
    currency: str | None = None
    exchange: str | None = None


_matches = msgspec.json.Decoder(list[_Match])


class FmpSearch:
    """One call a search."""

    def __init__(self, server: RestServer, plan: Plan) -> None:
        self._server = server
        self._refusals = plan.refusals

    async def ask(self, words: str) -> list[FoundSymbol]:
        """Make one call; raises :class:`ProviderError`, classified."""
        reply = await self._server.get("stable/search-symbol", {"query": words})
        what = f"answer to the search for {words!r}"
        matches = listed(self._server, reply, self._refusals, [words], _matches, what)
        return [FoundSymbol(one.symbol, one.name, one.exchange, one.currency) for one in matches]
