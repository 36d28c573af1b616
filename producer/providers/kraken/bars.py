"""The newest bars of a symbol from Kraken's keyless REST API.

Kraken answers the newest 720 bars of each interval and no older one, whatever is asked for.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from producer.bars import INTERVAL_MICROS, Bar, Interval
from producer.errors import Never, ProviderError
from producer.events import MICROSECONDS_PER_MINUTE, MICROSECONDS_PER_SECOND, to_datetime, utc_day
from producer.polling.http import Reply, RestServer
from producer.polling.refusals import (
    Refusal,
    classify,
    in_a_minute,
    never_this_endpoint,
    never_this_symbol,
    not_understood,
)
from producer.providers.metered_bars import BarPage, Question

MOST_BARS = 720
# The oldest ones go while a backfill is under way, so they are not offered.
SPARED_BARS = 10

# What Kraken's REST API calls some currencies.
LEGACY_NAMES = {"BTC": "XBT", "DOGE": "XDG"}

REFUSALS = (
    Refusal("Unknown asset pair", never_this_symbol, "Symbols are Kraken's pairs, such as BTC-USD."),
    Refusal("Too many requests", in_a_minute, "It has been asked too often from here."),
    Refusal("Rate limit exceeded", in_a_minute, "It has been asked too often from here."),
    Refusal("EGeneral:Invalid arguments", never_this_endpoint, "KRAKEN_REST_URL has another interface."),
    Refusal("EGeneral:Unknown method", never_this_endpoint, "Correct KRAKEN_REST_URL."),
)


class _Row(msgspec.Struct, frozen=True, array_like=True, gc=False):
    time: int  # seconds
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    vwap: Decimal
    volume: Decimal
    trade_count: int


class _Answer(msgspec.Struct, frozen=True):
    """``result`` has the rows under Kraken's own name of the pair, and beside them ``last``."""

    error: list[str]
    result: dict[str, msgspec.Raw] = {}


_answers = msgspec.json.Decoder(_Answer)
_rows = msgspec.json.Decoder(list[_Row])


class KrakenBars:
    """Answers bars, all in one call; a bucket in which nothing traded is left out."""

    intervals: tuple[Interval, ...] = ("1m", "5m", "15m", "1h", "1d")
    buckets_per_call = MOST_BARS
    weight = 1

    def __init__(self, server: RestServer, source: str) -> None:
        self._server = server
        self._source = source

    def earliest(self, interval: Interval, now: int) -> int | None:
        """Return the beginning of the oldest bar that is still answered, and will be in a while."""
        length = INTERVAL_MICROS[interval]
        # The newest of the 720 is the one that still grows.
        return now - now % length - (MOST_BARS - 1 - SPARED_BARS) * length

    async def ask(self, question: Question, page: str | None) -> BarPage:
        """Make one call; raises :class:`ProviderError`, also where Kraken has forgotten what is asked for."""
        parameters = {
            "pair": pair(question.symbol),
            "interval": str(INTERVAL_MICROS[question.interval] // MICROSECONDS_PER_MINUTE),
            # Whether a bar of that very time counts is not said.
            "since": str(question.start // MICROSECONDS_PER_SECOND - 1),
        }
        reply = await self._server.get("0/public/OHLC", parameters)
        try:
            rows = self._rows_of(reply, question.symbol)
        except msgspec.DecodeError as error:
            raise not_understood(self._server.name, f"bars of {question.symbol}", error) from error
        _refuse_forgotten(question, rows)
        return BarPage([self._bar(question, row) for row in rows if row.trade_count])

    def _rows_of(self, reply: Reply, symbol: str) -> list[_Row]:
        if reply.status != 200:
            raise classify(self._server.name, reply, REFUSALS, [symbol])
        answer = _answers.decode(reply.text)
        if answer.error:
            raise classify(self._server.name, reply, REFUSALS, [symbol])
        found = [rows for name, rows in answer.result.items() if name != "last"]
        if len(found) != 1:
            raise msgspec.DecodeError(f"it has bars of {len(found)} pairs")
        return _rows.decode(found[0])

    def _bar(self, question: Question, row: _Row) -> Bar:
        bucket_start = row.time * MICROSECONDS_PER_SECOND
        day = utc_day(bucket_start)
        return question.bar(self._source, bucket_start, day, row, vwap=row.vwap, trade_count=row.trade_count)


def pair(symbol: str) -> str:
    """Return a symbol as Kraken's REST API writes it: `BTC-USD` is `XBTUSD`."""
    return "".join(LEGACY_NAMES.get(currency, currency) for currency in symbol.split("-"))


def _refuse_forgotten(question: Question, rows: list[_Row]) -> None:
    oldest = min((row.time * MICROSECONDS_PER_SECOND for row in rows), default=question.start)
    if len(rows) >= MOST_BARS and oldest > question.start:
        raise ProviderError(
            f"Kraken has only the newest {MOST_BARS} bars of each length, those of {question.interval} since "
            f"{to_datetime(oldest):%Y-%m-%d %H:%M} UTC: ask for a later start, or for longer bars.",
            retry=Never("endpoint"),
        )
