"""Quotes on demand, each fetch a run: what was answered is published, whatever became of the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from producer.errors import ProviderError, UnknownProviderError
from producer.events import MarketEvent
from producer.journal import Counts, Entry, RunJournal
from producer.providers.protocol import Provider, Quotes
from producer.publisher import Publisher

CANCELLED = "It was stopped before it had ended."
# So long an answer waits for the number of its run.
NOTING_SECONDS = 2.0


@dataclass(frozen=True)
class Fetched:
    """Quotes that the broker has confirmed, and the errors of symbols that have none.

    ``run_id`` is None while PostgreSQL is away: the run is written when it is back.
    """

    run_id: int | None
    events: list[MarketEvent]
    refused: dict[str, ProviderError]


class Fetching:
    """Asks providers for quotes and publishes them."""

    def __init__(self, providers: dict[str, Provider], publisher: Publisher, journal: RunJournal) -> None:
        self._providers = providers
        self._publisher = publisher
        self._journal = journal

    async def fetch(self, name: str, symbols: Sequence[str], confirm_seconds: float) -> Fetched:
        """Fetch one quote a symbol and return when the broker has confirmed them.

        Raises :class:`UnknownProviderError`, :class:`BrokerUnavailableError`, or the first
        :class:`ProviderError` where no symbol has a quote.
        """
        provider = self._providers.get(name)
        if provider is None or provider.quotes is None:
            able = ", ".join(known for known, one in self._providers.items() if one.quotes is not None)
            raise UnknownProviderError(f"No provider {name!r} answers quotes. Those that do: {able}.")
        asked = list(dict.fromkeys(symbols))
        told = Quotes()
        confirmed = 0
        entry = self._journal.begin("fetch", name, {"symbols": asked}, lambda: Counts(confirmed, told.calls))
        try:
            await provider.quotes.quotes(asked, told)
            if told.events:
                await self._publisher.deliver(told.events, confirm_seconds)
                confirmed = len(told.events)
        except asyncio.CancelledError:
            self._journal.end(entry, "cancelled", CANCELLED)
            raise
        except BaseException as error:
            self._journal.end(entry, "failed", str(error) or type(error).__name__)
            raise
        self._end(entry, told)
        run_id = await self._journal.written(entry, NOTING_SECONDS)
        if not told.events:
            raise next(iter(told.refused.values()))
        return Fetched(run_id, told.events, told.refused)

    def _end(self, entry: Entry, told: Quotes) -> None:
        errors = " ".join(dict.fromkeys(str(error) for error in told.refused.values()))
        self._journal.end(entry, "failed" if errors else "succeeded", errors or None)
