"""One snapshot of a product from Coinbase's keyless REST API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import httpx
import msgspec

from producer.errors import ProviderError
from producer.events import MarketEvent, clock_micros, to_micros, utc_day

REQUEST_TIMEOUT_SECONDS = 10.0


class _Ticker(msgspec.Struct, frozen=True):
    price: Decimal
    time: datetime
    bid: Decimal | None = None
    ask: Decimal | None = None


class _Problem(msgspec.Struct, frozen=True):
    message: str


class CoinbaseQuotes:
    """Answers quotes of products, one request each."""

    def __init__(self, url: str, source: str = "coinbase") -> None:
        self._url = url.rstrip("/")
        self._source = source

    async def quotes(self, symbols: Sequence[str]) -> list[MarketEvent]:
        """Fetch one quote a symbol; raises :class:`ProviderError` for the first that fails."""
        async with httpx.AsyncClient(timeout=REQUEST_TIMEOUT_SECONDS) as client:
            return [await self._quote(client, symbol) for symbol in symbols]

    async def _quote(self, client: httpx.AsyncClient, symbol: str) -> MarketEvent:
        url = f"{self._url}/products/{symbol}/ticker"
        try:
            response = await client.get(url)
        except httpx.HTTPError as error:
            raise ProviderError(
                f"Coinbase cannot be reached at {url}: {error or type(error).__name__}. "
                f"Check the network, or COINBASE_REST_URL."
            ) from error
        if not response.is_success:
            said = _message(response)
            raise ProviderError(
                f"Coinbase answered {response.status_code} for {symbol!r}: {said}. "
                f"Symbols are Coinbase products, such as BTC-USD."
            )
        try:
            ticker = msgspec.json.decode(response.content, type=_Ticker)
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


def _message(response: httpx.Response) -> str:
    try:
        return msgspec.json.decode(response.content, type=_Problem).message
    except msgspec.DecodeError:
        return response.text[:120]
