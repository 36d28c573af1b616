"""Coinbase Exchange's candles: numbers, newest first, low before high before open."""

from __future__ import annotations

from datetime import datetime

from pydantic import SecretStr

from producer.bars import Interval
from producer.events import to_micros
from tests.answers import Answer, Question
from tests.integration.producer.bar_conformance.dialect import BarDialect, seconds
from tests.integration.producer.bar_conformance.market import Market

MOST_CANDLES = 300
INTERVALS: dict[str, Interval] = {"60": "1m", "300": "5m", "900": "15m", "3600": "1h", "86400": "1d"}


class Coinbase(BarDialect):
    name = "coinbase"
    unknown_symbol = Answer('{"message":"NotFound"}', 404)
    rate_limited = Answer('{"message":"Public rate limit exceeded"}', 429)
    failing = Answer('{"message":"Internal server error"}', 500)
    weight = None

    def settings(self, url: str, key: SecretStr) -> dict[str, object]:
        return {"coinbase_rest_url": url}

    def answer(self, question: Question, market: Market) -> Answer:
        assert question.path == f"/products/{self.symbol}/candles"
        length = int(question.parameters["granularity"])
        start, end = (datetime.fromisoformat(question.parameters[bound]) for bound in ("start", "end"))
        if (end - start).total_seconds() / length + 1 > MOST_CANDLES:
            return Answer('{"message":"granularity too small for the requested time range."}', 400)
        # The candle that begins at the end counts.
        rows = market.traded(INTERVALS[str(length)], to_micros(start), to_micros(end) + 1)
        candles = [
            f"[{seconds(row.start)},{row.low},{row.high},{row.open},{row.close},{row.volume}]"
            for row in reversed(rows)
        ]
        return Answer(f"[{','.join(candles)}]")
