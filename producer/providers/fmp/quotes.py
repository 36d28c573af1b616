"""Quotes from the stable interface: one symbol a call, or many where the plan has batches."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from decimal import Decimal

import msgspec

from producer.errors import Never, ProviderError, Soon
from producer.events import MICROSECONDS_PER_SECOND, MarketEvent
from producer.polling.event import quote_event
from producer.polling.http import Reply, RestServer
from producer.polling.quotes import Answer
from producer.polling.refusals import classify
from producer.providers.fmp.answers import listed
from producer.providers.fmp.plans import Plan
from producer.providers.fmp.refusals import UNKNOWN_SYMBOL

logger = logging.getLogger(__name__)


class _Quote(msgspec.Struct, frozen=True, rename="camel"):
    symbol: str
    price: Decimal | None = None
    timestamp: int | None = None  # seconds
    volume: Decimal | None = None
    open: Decimal | None = None
    day_high: Decimal | None = None
    day_low: Decimal | None = None
    previous_close: Decimal | None = None
    market_cap: Decimal | None = None


_decoder = msgspec.json.Decoder(list[_Quote])


class FmpQuotes:
    """Asks for quotes of the regular session, which stand still from its close to the next open."""

    def __init__(self, server: RestServer, plan: Plan, source: str, calendar: str) -> None:
        self.symbols_per_call = plan.symbols_per_call
        self._server = server
        self._source = source
        self._calendar = calendar
        self._refusals = plan.refusals

    async def ask(self, symbols: Sequence[str]) -> Answer:
        """Make one call; raises :class:`ProviderError`, of scope symbol only where one was asked for."""
        if len(symbols) == 1:
            reply = await self._server.get("stable/quote", {"symbol": symbols[0]})
        else:
            reply = await self._server.get("stable/batch-quote", {"symbols": ",".join(symbols)})
        try:
            quotes = self._quotes_of(reply, symbols)
        except ProviderError as error:
            if len(symbols) > 1 and isinstance(error.retry, Never) and error.retry.scope != "key":
                raise self._without_batches(error) from error
            raise
        # The first use of a calendar takes a second, in which the feeds go on.
        return await asyncio.to_thread(self._answer, reply, symbols, quotes)

    def _quotes_of(self, reply: Reply, symbols: Sequence[str]) -> dict[str, _Quote]:
        what = f"quote of {symbols[0]}"
        quotes = listed(self._server, reply, self._refusals, symbols, _decoder, what)
        return {quote.symbol: quote for quote in quotes}

    def _answer(self, reply: Reply, symbols: Sequence[str], quotes: dict[str, _Quote]) -> Answer:
        events: list[MarketEvent] = []
        refused: dict[str, ProviderError] = {}
        for symbol in symbols:
            quote = quotes.get(symbol)
            if quote is None:
                refused[symbol] = classify(self._server.name, reply, (UNKNOWN_SYMBOL,), [symbol])
                continue
            if quote.price is None or quote.timestamp is None:
                refused[symbol] = ProviderError(f"{self._server.name} has no price of {symbol} now.")
                continue
            events.append(
                quote_event(
                    self._source,
                    self._calendar,
                    symbol,
                    event_time=quote.timestamp * MICROSECONDS_PER_SECOND,
                    ingest_time=reply.received,
                    price=quote.price,
                    day_volume=quote.volume,
                    day_open=quote.open,
                    day_high=quote.day_high,
                    day_low=quote.day_low,
                    previous_close=quote.previous_close,
                    market_cap=quote.market_cap,
                )
            )
        return Answer(events, refused)

    def _without_batches(self, error: ProviderError) -> ProviderError:
        self.symbols_per_call = 1
        logger.warning("%s: %s Symbols are asked for one by one from now on.", self._source, error)
        return ProviderError(f"{error} Symbols are asked for one by one from now on.", retry=Soon())
