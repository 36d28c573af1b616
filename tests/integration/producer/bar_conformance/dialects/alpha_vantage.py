"""Alpha Vantage: strings by the clocks of New York, newest first; every error is a success that says so."""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import SecretStr

from producer.bars import Interval
from producer.events import to_datetime, to_micros
from tests.answers import Answer, Question
from tests.integration.producer.bar_conformance.dialect import BarDialect, in_new_york
from tests.integration.producer.bar_conformance.market import NOW, Market, Row

COMPACT = 100
INTERVALS: dict[str, Interval] = {"1min": "1m", "5min": "5m", "15min": "15m"}
BURST = (
    "Thank you for using Alpha Vantage! Please consider spreading out your free API requests more sparingly "
    "(1 request per second). You may subscribe to any of the premium plans at "
    "https://www.alphavantage.co/premium/ to lift the free key rate limit (25 requests per day), raise the "
    "per-second burst limit, and instantly unlock all premium endpoints"
)


class AlphaVantage(BarDialect):
    name = "alpha_vantage"
    symbol = "IBM"
    calendar = "XNYS"
    unknown_symbol = Answer(
        '{"Error Message":"Invalid API call. Please retry or visit the documentation '
        '(https://www.alphavantage.co/documentation/) for TIME_SERIES_INTRADAY."}'
    )
    rate_limited = Answer(f'{{"Information":"{BURST}"}}')
    wrong_key = Answer(
        '{"Error Message":"the parameter apikey is invalid or missing. Please claim your free API key on '
        '(https://www.alphavantage.co/support/#api-key). It should take less than 20 seconds."}'
    )

    def settings(self, url: str, key: SecretStr) -> dict[str, object]:
        return {
            "alpha_vantage_base_url": url,
            "alpha_vantage_api_key": key,
            "alpha_vantage_plan": "premium",
        }

    def answer(self, question: Question, market: Market) -> Answer:
        asked = question.parameters
        assert (question.path, asked["symbol"]) == ("/query", self.symbol)
        if asked["function"] == "TIME_SERIES_DAILY":
            rows = market.traded("1d", to_micros(datetime(2024, 1, 1, tzinfo=UTC)), to_micros(NOW))
            if asked["outputsize"] == "compact":
                rows = rows[-COMPACT:]
            return _series("Daily", {f"{to_datetime(row.start).date()}": row for row in reversed(rows)})
        assert asked["function"] == "TIME_SERIES_INTRADAY"
        assert (asked["adjusted"], asked["extended_hours"], asked["outputsize"]) == ("false", "false", "full")
        year, month = map(int, asked["month"].split("-"))
        start = datetime(year, month, 1, tzinfo=UTC)
        end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
        rows = market.traded(INTERVALS[asked["interval"]], to_micros(start), to_micros(end))
        return _series(asked["interval"], {f"{in_new_york(row)}": row for row in reversed(rows)})


def _series(name: str, rows: dict[str, Row]) -> Answer:
    told = ",".join(
        f'"{moment}":{{"1. open":"{row.open}","2. high":"{row.high}","3. low":"{row.low}",'
        f'"4. close":"{row.close}","5. volume":"{row.volume}"}}'
        for moment, row in rows.items()
    )
    meta = '{"1. Information":"Prices and volumes","2. Symbol":"IBM"}'
    return Answer(f'{{"Meta Data":{meta},"Time Series ({name})":{{{told}}}}}')
