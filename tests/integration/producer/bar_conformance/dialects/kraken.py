"""Kraken's OHLC: the newest 720 bars, also of buckets in which nothing traded; errors are successes."""

from __future__ import annotations

from pydantic import SecretStr

from producer.bars import Interval
from producer.events import MICROSECONDS_PER_SECOND, to_micros
from tests.answers import Answer, Question
from tests.integration.producer.bar_conformance.dialect import BarDialect, seconds
from tests.integration.producer.bar_conformance.market import NOW, Market, Row

MOST_BARS = 720
INTERVALS: dict[str, Interval] = {"1": "1m", "5": "5m", "15": "15m", "60": "1h", "1440": "1d"}


class Kraken(BarDialect):
    name = "kraken"
    unknown_symbol = Answer('{"error":["EQuery:Unknown asset pair"]}')
    rate_limited = Answer('{"error":["EGeneral:Too many requests"]}')
    failing = Answer('{"error":["EService:Unavailable"]}')

    def settings(self, url: str, key: SecretStr) -> dict[str, object]:
        return {"kraken_rest_url": url}

    def answer(self, question: Question, market: Market) -> Answer:
        assert question.path == "/0/public/OHLC"
        assert question.parameters["pair"] == "XBTUSD"
        since = (int(question.parameters["since"]) + 1) * MICROSECONDS_PER_SECOND
        rows = market.rows(INTERVALS[question.parameters["interval"]], since, to_micros(NOW))[-MOST_BARS:]
        last = seconds(rows[-2].start) if len(rows) > 1 else 0
        told = f'{{"XXBTZUSD":[{",".join(map(_row, rows))}],"last":{last}}}'
        return Answer(f'{{"error":[],"result":{told}}}')


def _row(row: Row) -> str:
    prices = f'"{row.open}","{row.high}","{row.low}","{row.close}"'
    vwap = row.close if row.trades else "0.0"
    return f'[{seconds(row.start)},{prices},"{vwap}","{row.volume}",{row.trades}]'
