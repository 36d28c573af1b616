"""Quotes that cost calls: what a polled provider implements, and the counting around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from producer.errors import Never, ProviderError, QuotaSpentError
from producer.events import MarketEvent
from producer.providers.protocol import Quotes
from producer.quota.meter import Meter


@dataclass(frozen=True)
class Answer:
    """The quotes of one call, and why symbols that were asked for too have none."""

    events: list[MarketEvent]
    refused: dict[str, ProviderError] = field(default_factory=dict)


class QuoteCalls(Protocol):
    """How one provider is asked."""

    @property
    def symbols_per_call(self) -> int:
        """How many symbols one call can ask for; fewer once the plan turns out to be smaller."""

    async def ask(self, symbols: Sequence[str]) -> Answer:
        """Make exactly one call; raises :class:`ProviderError`, classified."""


class MeteredQuotes:
    """Asks a provider and counts every call first."""

    def __init__(self, calls: QuoteCalls, meter: Meter) -> None:
        self.meter = meter
        self._calls = calls

    @property
    def symbols_per_call(self) -> int:
        """How many symbols one call can ask for."""
        return self._calls.symbols_per_call

    async def poll(self, symbols: Sequence[str]) -> Answer:
        """Make one call for at most ``symbols_per_call`` symbols; raises :class:`ProviderError`.

        A refusal of the symbols is an answer, too.
        """
        await self.meter.take()
        try:
            return await self._ask(symbols)
        except ProviderError as error:
            if error.retry != Never("symbol"):
                raise
            return Answer([], dict.fromkeys(symbols, error))

    async def quotes(self, symbols: Sequence[str], told: Quotes) -> None:
        """Fetch one quote a symbol; after a failure of more than a symbol the rest is not asked for."""
        rest = list(symbols)
        while rest:
            asked = rest[: self.symbols_per_call]
            try:
                await self.meter.take()
                told.calls += 1
                answer = await self._ask(asked)
            except ProviderError as error:
                if len(asked) > self.symbols_per_call:
                    continue  # the plan has turned out to be smaller: the same again, in smaller calls
                goes_on = error.retry == Never("symbol")
                told.refused.update(dict.fromkeys(asked if goes_on else rest, error))
                rest = rest[len(asked) :] if goes_on else []
            else:
                told.events += answer.events
                told.refused.update(answer.refused)
                rest = rest[len(asked) :]

    async def _ask(self, symbols: Sequence[str]) -> Answer:
        try:
            return await self._calls.ask(symbols)
        except QuotaSpentError:
            # Somebody else used the key, or the provider counts otherwise: what it says is what holds.
            await self.meter.note_spent()
            raise
