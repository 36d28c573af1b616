"""Bars of a symbol from Binance's keyless REST API, its klines."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from producer.bars import Bar, Interval
from producer.events import MICROSECONDS_PER_MILLISECOND, utc_day
from producer.polling.http import RestServer
from producer.polling.refusals import (
    Refusal,
    classify,
    in_a_minute,
    never_this_endpoint,
    never_this_symbol,
    not_understood,
)
from producer.providers.metered_bars import BarPage, Question

REFUSALS = (
    Refusal("Invalid symbol", never_this_symbol, "Symbols are Binance's pairs, such as BTC-USDT."),
    Refusal("Illegal characters", never_this_symbol, "Symbols are Binance's pairs, such as BTC-USDT."),
    Refusal(
        "restricted location",
        never_this_endpoint,
        "Binance does not serve the place where this producer runs: use another provider, or an address that "
        "does in BINANCE_REST_URL.",
    ),
    # Too many requests under 429, a ban of the address under 418.
    Refusal('"code":-1003', in_a_minute, "It has been asked too often from here."),
    Refusal('"code":-11', never_this_endpoint, "BINANCE_REST_URL has another interface."),
)


class _Kline(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A kline; more elements follow that nobody needs here."""

    open_time: int  # milliseconds
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    close_time: int
    quote_volume: Decimal
    trade_count: int


_klines = msgspec.json.Decoder(list[_Kline])


class BinanceBars:
    """Answers bars, up to 1,000 a call; a bucket in which nothing traded is left out."""

    intervals: tuple[Interval, ...] = ("1m", "5m", "15m", "1h", "1d")
    buckets_per_call = 1_000
    weight = 2

    def __init__(self, server: RestServer, source: str) -> None:
        self._server = server
        self._source = source

    def earliest(self, interval: Interval, now: int) -> int | None:
        """Return None: klines of any age are answered."""
        return None

    async def ask(self, question: Question, page: str | None) -> BarPage:
        """Make one call; raises :class:`ProviderError`."""
        parameters = {
            "symbol": question.symbol.replace("-", ""),
            "interval": question.interval,
            "startTime": str(question.start // MICROSECONDS_PER_MILLISECOND),
            # The venue counts the kline that begins at the end.
            "endTime": str(question.end // MICROSECONDS_PER_MILLISECOND - 1),
            "limit": str(self.buckets_per_call),
        }
        reply = await self._server.get("api/v3/klines", parameters)
        if reply.status != 200:
            raise classify(self._server.name, reply, REFUSALS, [question.symbol])
        try:
            klines = _klines.decode(reply.text)
        except msgspec.DecodeError as error:
            raise not_understood(self._server.name, f"klines of {question.symbol}", error) from error
        return BarPage([self._bar(question, kline) for kline in klines if kline.trade_count])

    def _bar(self, question: Question, kline: _Kline) -> Bar:
        bucket_start = kline.open_time * MICROSECONDS_PER_MILLISECOND
        day = utc_day(bucket_start)
        return question.bar(self._source, bucket_start, day, kline, trade_count=kline.trade_count)
