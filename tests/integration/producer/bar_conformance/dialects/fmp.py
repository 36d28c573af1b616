"""Financial Modeling Prep's stable interface: numbers, newest first, by the clocks of New York."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from pydantic import SecretStr

from producer.bars import Interval
from producer.events import to_datetime, to_micros
from tests.answers import Answer, Question
from tests.integration.producer.bar_conformance.dialect import BarDialect, in_new_york
from tests.integration.producer.bar_conformance.market import Market, Row

CHARTS: dict[str, Interval] = {"1min": "1m", "5min": "5m", "15min": "15m"}


class Fmp(BarDialect):
    name = "fmp"
    symbol = "AAPL"
    calendar = "XNYS"
    unknown_symbol = Answer(
        "Premium Query Parameter: 'Special Endpoint : This value set for 'symbol' is not available under "
        "your current subscription please visit our subscription page to upgrade your plan at "
        "https://site.financialmodelingprep.com/developer/docs/pricing",
        402,
    )
    rate_limited = Answer(
        '{"Error Message":"Limit Reach . Please upgrade your plan or visit our documentation for more '
        'details"}',
        429,
    )
    wrong_key = Answer(
        '{"Error Message":"Invalid API KEY. Feel free to create a Free API Key or visit '
        "https://site.financialmodelingprep.com/faqs?search=why-is-my-api-key-invalid for more "
        'information."}',
        401,
    )

    def settings(self, url: str, key: SecretStr) -> dict[str, object]:
        return {"fmp_base_url": url, "fmp_api_key": key, "fmp_plan": "starter"}

    def answer(self, question: Question, market: Market) -> Answer:
        asked = question.parameters
        assert asked["symbol"] == self.symbol
        first, last = date.fromisoformat(asked["from"]), date.fromisoformat(asked["to"])
        if question.path == "/stable/historical-price-eod/full":
            rows = [_day(row) for row in market.traded("1d", _midnight(first), _midnight(last) + 1)]
        else:
            interval = CHARTS[question.path.removeprefix("/stable/historical-chart/")]
            # Sessions of New York lie within one UTC date.
            end = _midnight(last + timedelta(days=1))
            rows = [_minutes(row) for row in market.traded(interval, _midnight(first), end)]
        return Answer(f"[{','.join(reversed(rows))}]")


def _midnight(day: date) -> int:
    return to_micros(datetime.combine(day, time(), tzinfo=UTC))


def _day(row: Row) -> str:
    return (
        f'{{"symbol":"AAPL","date":"{to_datetime(row.start).date()}",{_prices(row)},'
        f'"change":0.47,"changePercent":0.36082,"vwap":130.0925}}'
    )


def _minutes(row: Row) -> str:
    return f'{{"date":"{in_new_york(row)}",{_prices(row)}}}'


def _prices(row: Row) -> str:
    prices = f'"open":{row.open},"low":{row.low},"high":{row.high},"close":{row.close}'
    return f'{prices},"volume":{row.volume}'
