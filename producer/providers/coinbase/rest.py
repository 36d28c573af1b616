"""One snapshot of a product from Coinbase's keyless REST API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import httpx
import msgspec

from producer.errors import Never, ProviderError
from producer.events import MarketEvent, clock_micros, to_micros, utc_day
from producer.providers.coinbase.requests import REQUEST_TIMEOUT_SECONDS, get
from producer.providers.protocol import Quotes


class _Ticker(msgspec.Struct, frozen=True):
    price: Decimal
    time: datetime
    bid: Decimal | None = None
    ask: Decimal | None = None


class CoinbaseQuotes:
    """Answers quotes of products, one request each."""

    def __init__(self, url: str, source: str = "coinbase") -> None:
        self._url = url.rstrip("/")
        self._source = source

    async def quotes(self, symbols: Sequence[str], told: Quotes) -> None:
        """Fetch one quote a symbol; after a failure of more than a symbol the rest is not asked for."""
        async with httpx.AsyncClient(timeout=REQUEST_TIMEOUT_SECONDS) as client:
            for number, symbol in enumerate(symbols):
                told.calls += 1
                try:
                    told.events.append(await self._quote(client, symbol))
                except ProviderError as error:
                    if error.retry != Never("symbol"):
                        told.refused.update(dict.fromkeys(symbols[number:], error))
                        return
                    told.refused[symbol] = error

    async def _quote(self, client: httpx.AsyncClient, symbol: str) -> MarketEvent:
        url = f"{self._url}/products/{symbol}/ticker"
        body = await get(client, url, symbol)
        try:
            ticker = msgspec.json.decode(body, type=_Ticker)
        except msgspec.DecodeError as error:
            raise ProviderError(f"Coinbase's ticker of {symbol!r} cannot be understood: {error}.") from error
        event_time = to_micros(ticker.time)
        # The ticker's 24-hour volume is not a trading day's, so no volume is said at all.
        return MarketEvent(
            event_id=f"{self._source}:{symbol}:{event_time}",
            source=self._source,
            kind="quote",
            event_time=event_time,
            ingest_time=clock_micros(),
            trading_day=utc_day(event_time),
            symbol=symbol,
            price=ticker.price,
            bid=ticker.bid,
            ask=ticker.ask,
        )
