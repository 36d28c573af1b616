"""Search by the beginning of a symbol."""

from __future__ import annotations

import msgspec

from producer.errors import ProviderError, Soon
from producer.polling.http import KeyedServer
from producer.polling.refusals import classify
from producer.providers.fmp.plans import Plan
from producer.providers.fmp.refusals import NO_SUCH_PATH, REFUSALS_BY_DAY, REFUSALS_BY_MINUTE
from producer.providers.protocol import FoundSymbol


class _Match(msgspec.Struct, frozen=True, rename="camel"):
    symbol: str
    name: str | None = None
    currency: str | None = None
    exchange: str | None = None


class FmpSearch:
    """One call a search."""

    def __init__(self, server: KeyedServer, plan: Plan) -> None:
        self._server = server
        self._refusals = REFUSALS_BY_MINUTE if plan.budget.calls_a_day is None else REFUSALS_BY_DAY

    async def ask(self, words: str) -> list[FoundSymbol]:
        """Make one call; raises :class:`ProviderError`, classified."""
        reply = await self._server.get("stable/search-symbol", {"query": words})
        if reply.status == 404:
            raise classify(self._server.name, reply, (NO_SUCH_PATH,), [words])
        # Its errors are plain text, or an object, under any status; matches are a list.
        if reply.status != 200 or not reply.text.lstrip().startswith("["):
            raise classify(self._server.name, reply, self._refusals, [words])
        try:
            matches = msgspec.json.decode(reply.text, type=list[_Match])
        except msgspec.DecodeError as error:
            raise ProviderError(
                f"{self._server.name}'s answer to the search for {words!r} cannot be understood: {error}.",
                retry=Soon(),
            ) from error
        return [FoundSymbol(one.symbol, one.name, one.exchange, one.currency) for one in matches]
