"""Bars of a US equity as it traded at IEX, from Alpaca's market data API v2."""

from __future__ import annotations

from datetime import UTC, datetime, time
from decimal import Decimal
from urllib.parse import quote

import msgspec

from producer.bars import Bar, Interval, day_start
from producer.events import to_datetime, to_micros
from producer.polling.http import RestServer
from producer.polling.refusals import (
    Refusal,
    classify,
    in_a_minute,
    never_this_endpoint,
    never_this_key,
    never_this_symbol,
    not_understood,
)
from producer.providers.metered_bars import BarPage, Question
from producer.wall_clock import NEW_YORK, date_at

FEED = "iex"
ADJUSTMENT = "split"
BARS_PER_PAGE = 10_000

TIMEFRAMES: dict[Interval, str] = {
    "1m": "1Min",
    "5m": "5Min",
    "15m": "15Min",
    "1h": "1Hour",
    "1d": "1Day",
}

REFUSALS = (
    Refusal("invalid symbol", never_this_symbol, "Symbols are those of US equities, such as AAPL."),
    Refusal("subscription does not permit", never_this_endpoint, "The plan of ALPACA_KEY does not have it."),
    Refusal("too many requests", in_a_minute, "The minute's calls are used up."),
    Refusal("rate limit", in_a_minute, "The minute's calls are used up."),
    Refusal("endpoint not found", never_this_endpoint, "Correct ALPACA_REST_URL."),
)
WRONG_KEY = Refusal("", never_this_key, "Check ALPACA_KEY and ALPACA_SECRET.")


class _Row(msgspec.Struct, frozen=True, gc=False):
    began: datetime = msgspec.field(name="t")
    open: Decimal = msgspec.field(name="o")
    high: Decimal = msgspec.field(name="h")
    low: Decimal = msgspec.field(name="l")
    close: Decimal = msgspec.field(name="c")
    volume: Decimal = msgspec.field(name="v")
    trade_count: int | None = msgspec.field(name="n", default=None)
    vwap: Decimal | None = msgspec.field(name="vw", default=None)


class _Answer(msgspec.Struct, frozen=True):
    bars: list[_Row] | None
    next_page_token: str | None = None


_answers = msgspec.json.Decoder(_Answer)


class AlpacaBars:
    """Answers bars, in pages where they are many; a symbol that nobody knows has none."""

    # An hour begins on the hour by the UTC clock, because those of New York do.
    intervals: tuple[Interval, ...] = ("1m", "5m", "15m", "1h", "1d")
    buckets_per_call = BARS_PER_PAGE
    weight = 1

    def __init__(self, server: RestServer, source: str) -> None:
        self._server = server
        self._source = source

    def earliest(self, interval: Interval, now: int) -> int | None:
        """Return None: nothing that is there is forgotten."""
        return None

    async def ask(self, question: Question, page: str | None) -> BarPage:
        """Make one call; raises :class:`ProviderError`."""
        # What begins at the end counts, too.
        first, last = question.start, question.end - 1
        if question.interval == "1d":
            first, last = _midnight(first), _midnight(last)
        parameters = {
            "timeframe": TIMEFRAMES[question.interval],
            "start": _moment(first),
            "end": _moment(last),
            "limit": str(BARS_PER_PAGE),
            "adjustment": ADJUSTMENT,
            "feed": FEED,
            "sort": "asc",
        }
        if page is not None:
            parameters["page_token"] = page
        path = f"v2/stocks/{quote(question.symbol, safe='')}/bars"
        reply = await self._server.get(path, parameters)
        if reply.status != 200:
            refusals = (*REFUSALS, WRONG_KEY) if reply.status in {401, 403} else REFUSALS
            raise classify(self._server.name, reply, refusals, [question.symbol])
        try:
            answer = _answers.decode(reply.text)
            bars = [self._bar(question, row) for row in answer.bars or ()]
        except (msgspec.DecodeError, ValueError) as error:
            raise not_understood(self._server.name, f"bars of {question.symbol}", error) from error
        return BarPage(bars, answer.next_page_token)

    def _bar(self, question: Question, row: _Row) -> Bar:
        if row.began.tzinfo is None:
            raise ValueError(f"the time {row.began.isoformat()} has no zone")
        began = to_micros(row.began)
        day = date_at(began, NEW_YORK)
        # A day begins at midnight in New York, and is labelled by its date.
        start = day_start(day) if question.interval == "1d" else began
        return question.bar(
            self._source, start, day.isoformat(), row, vwap=row.vwap, trade_count=row.trade_count
        )


def _midnight(label: int) -> int:
    """Return midnight in New York of the date whose midnight UTC a day is labelled by."""
    return to_micros(datetime.combine(to_datetime(label).date(), time(), tzinfo=NEW_YORK))


def _moment(micros: int) -> str:
    return to_datetime(micros).astimezone(UTC).isoformat().replace("+00:00", "Z")
