"""The quote of a symbol's latest trading day, which has a date and no time of day."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal

import msgspec

from producer.errors import Later, ProviderError, Soon
from producer.events import MarketEvent, to_datetime, to_micros
from producer.polling.event import quote_event
from producer.polling.http import Reply, RestServer
from producer.polling.quotes import Answer
from producer.polling.refusals import classify, not_understood
from producer.providers.alpha_vantage.refusals import REFUSALS, UNKNOWN_SYMBOL
from producer.trading_day import trading_day

# A plan with delayed or real-time data renames it: "Global Quote - DATA DELAYED BY 15 MINUTES".
WRAPPER = "Global Quote"
NOON = time(12, tzinfo=UTC)


class _Quote(msgspec.Struct, frozen=True):
    symbol: str = msgspec.field(name="01. symbol")
    open: Decimal = msgspec.field(name="02. open")
    high: Decimal = msgspec.field(name="03. high")
    low: Decimal = msgspec.field(name="04. low")
    price: Decimal = msgspec.field(name="05. price")
    volume: Decimal = msgspec.field(name="06. volume")
    day: date = msgspec.field(name="07. latest trading day")
    previous_close: Decimal = msgspec.field(name="08. previous close")


class AlphaVantageQuotes:
    """Asks for one symbol a call; the event's time is the close of the session of the quote's date."""

    symbols_per_call = 1

    def __init__(self, server: RestServer, source: str, calendar: str) -> None:
        self._server = server
        self._source = source
        self._calendar = calendar

    async def ask(self, symbols: Sequence[str]) -> Answer:
        """Make one call for one symbol; raises :class:`ProviderError`."""
        (symbol,) = symbols
        reply = await self._server.get("query", {"function": "GLOBAL_QUOTE", "symbol": symbol})
        quote = self._quote_of(reply, symbol)
        # The first use of a calendar takes a second, in which the feeds go on.
        return Answer([await asyncio.to_thread(self._event, reply, symbol, quote)])

    def _quote_of(self, reply: Reply, symbol: str) -> _Quote:
        if reply.status != 200:
            raise classify(self._server.name, reply, REFUSALS, [symbol])
        try:
            body = msgspec.json.decode(reply.text, type=dict[str, msgspec.Raw])
            told = next((value for key, value in body.items() if key.startswith(WRAPPER)), None)
            if told is None and body:
                raise classify(self._server.name, reply, REFUSALS, [symbol])
            if not body or not msgspec.json.decode(told or b"{}", type=dict[str, str]):
                raise classify(self._server.name, reply, (UNKNOWN_SYMBOL,), [symbol])
            return msgspec.json.decode(told or b"{}", type=_Quote)
        except msgspec.DecodeError as error:
            raise not_understood(self._server.name, f"quote of {symbol}", error) from error

    def _event(self, reply: Reply, symbol: str, quote: _Quote) -> MarketEvent:
        session = trading_day(self._calendar, to_micros(datetime.combine(quote.day, NOON)))
        closes = session.session_end
        if session.date != quote.day.isoformat() or closes is None:
            raise ProviderError(
                f"{self._server.name}'s quote of {symbol} is of {quote.day}, when its venue was closed. "
                f"It is asked again.",
                retry=Soon(),
            )
        if closes > reply.received:
            raise ProviderError(
                f"{self._server.name}'s quote of {symbol} is of a session that goes on until "
                f"{to_datetime(closes):%Y-%m-%d %H:%M} UTC, and does not say of which time of it: "
                f"ask again then.",
                retry=Later(closes),
            )
        return quote_event(
            self._source,
            self._calendar,
            symbol,
            event_time=closes,
            ingest_time=reply.received,
            price=quote.price,
            day_volume=quote.volume,
            day_open=quote.open,
            day_high=quote.high,
            day_low=quote.low,
            previous_close=quote.previous_close,
        )
