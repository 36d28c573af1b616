"""Bars of a product from Coinbase's keyless REST API."""

from __future__ import annotations

from decimal import Decimal

import httpx
import msgspec

from producer.bars import INTERVAL_MICROS, Bar, Interval
from producer.errors import ProviderError
from producer.events import MICROSECONDS_PER_SECOND, to_datetime, utc_day
from producer.providers.bar_source import BeforeCall
from producer.providers.coinbase.requests import REQUEST_TIMEOUT_SECONDS, get

# Time in seconds, low, high, open, close, volume: in this order, the newest first.
_Row = tuple[int, Decimal, Decimal, Decimal, Decimal, Decimal]


class CoinbaseBars:
    """Answers bars, one request for up to 300 buckets; a bucket in which nothing traded is left out."""

    intervals: tuple[Interval, ...] = ("1m", "5m", "15m", "1h", "1d")
    # One more is refused: "Count of aggregations requested exceeds 300".
    buckets_per_call = 300
    extent = None

    def __init__(self, url: str, source: str = "coinbase") -> None:
        self._url = url.rstrip("/")
        self._source = source

    def earliest(self, interval: Interval, now: int) -> int | None:
        """Return None: candles of any age are answered."""
        return None

    async def bars(
        self, symbol: str, interval: Interval, start: int, end: int, before_call: BeforeCall
    ) -> list[Bar]:
        """Fetch the bars that begin in ``[start, end)``; raises :class:`ProviderError`."""
        length = INTERVAL_MICROS[interval]
        parameters: dict[str, str | int] = {
            "granularity": length // MICROSECONDS_PER_SECOND,
            "start": _moment(start),
            # The venue counts the bucket that begins at the end.
            "end": _moment(end - length),
        }
        url = f"{self._url}/products/{symbol}/candles"
        await before_call()
        async with httpx.AsyncClient(timeout=REQUEST_TIMEOUT_SECONDS) as client:
            body = await get(client, url, symbol, parameters)
        try:
            rows = msgspec.json.decode(body, type=list[_Row])
        except msgspec.DecodeError as error:
            raise ProviderError(f"Coinbase's candles of {symbol!r} cannot be understood: {error}.") from error
        bars = [self._bar(symbol, interval, row) for row in rows]
        return [bar for bar in bars if start <= bar.bucket_start < end]

    def _bar(self, symbol: str, interval: Interval, row: _Row) -> Bar:
        seconds, low, high, opened, closed, volume = row
        bucket_start = seconds * MICROSECONDS_PER_SECOND
        return Bar(
            source=self._source,
            symbol=symbol,
            interval=interval,
            bucket_start=bucket_start,
            open=opened,
            high=high,
            low=low,
            close=closed,
            volume=volume,
            trading_day=utc_day(bucket_start),
        )


def _moment(micros: int) -> str:
    return to_datetime(micros).isoformat().replace("+00:00", "Z")
