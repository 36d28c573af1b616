"""Binance Spot's klines: strings, oldest first, also of buckets in which nothing traded."""

from __future__ import annotations

from pydantic import SecretStr

from producer.bars import INTERVAL_MICROS, Interval
from producer.events import MICROSECONDS_PER_MILLISECOND
from tests.answers import Answer, Question
from tests.integration.producer.bar_conformance.dialect import BarDialect
from tests.integration.producer.bar_conformance.market import Market, Row

MOST_KLINES = 1_000
INTERVALS: dict[str, Interval] = {"1m": "1m", "5m": "5m", "15m": "15m", "1h": "1h", "1d": "1d"}


class Binance(BarDialect):
    name = "binance"
    symbol = "BTC-USDT"
    unknown_symbol = Answer('{"code":-1121,"msg":"Invalid symbol."}', 400)
    rate_limited = Answer(
        '{"code":-1003,"msg":"Too much request weight used; current limit is 6000 request weight per 1 '
        'MINUTE. Please use WebSocket Streams for live updates to avoid polling the API."}',
        429,
    )
    failing = Answer(
        '{"code":-1001,"msg":"Internal error; unable to process your request. Please try again."}', 503
    )
    weight = 2

    def settings(self, url: str, key: SecretStr) -> dict[str, object]:
        return {"binance_rest_url": url}

    def answer(self, question: Question, market: Market) -> Answer:
        assert question.path == "/api/v3/klines"
        assert question.parameters["symbol"] == "BTCUSDT"
        interval = INTERVALS[question.parameters["interval"]]
        start, end = (
            int(question.parameters[bound]) * MICROSECONDS_PER_MILLISECOND
            for bound in ("startTime", "endTime")
        )
        # The kline that begins at the end counts.
        rows = market.rows(interval, start, end + 1)[: min(int(question.parameters["limit"]), MOST_KLINES)]
        return Answer(f"[{','.join(_kline(row, INTERVAL_MICROS[interval]) for row in rows)}]")


def _kline(row: Row, length: int) -> str:
    opens, closes = (micros // MICROSECONDS_PER_MILLISECOND for micros in (row.start, row.start + length - 1))
    return (
        f'[{opens},"{row.open}","{row.high}","{row.low}","{row.close}","{row.volume}",{closes},'
        f'"2434.19055334",{row.trades},"1756.87402397","28.46694368","0"]'
    )
