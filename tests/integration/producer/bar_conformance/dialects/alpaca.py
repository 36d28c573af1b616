"""Alpaca's bars of IEX: numbers, oldest first, in pages; the key travels in headers."""

from __future__ import annotations

from datetime import datetime, time

from pydantic import SecretStr

from producer.bars import Interval
from producer.events import to_datetime, to_micros
from producer.wall_clock import NEW_YORK
from tests.answers import Answer, Question
from tests.integration.producer.bar_conformance.dialect import BarDialect
from tests.integration.producer.bar_conformance.market import Market, Row

# A page may have fewer bars than its limit.
PAGE = 100
INTERVALS: dict[str, Interval] = {"1Min": "1m", "5Min": "5m", "15Min": "15m", "1Hour": "1h", "1Day": "1d"}


class Alpaca(BarDialect):
    name = "alpaca"
    symbol = "AAPL"
    calendar = "XNYS"
    unknown_symbol = Answer('{"bars":null,"next_page_token":null,"symbol":"AAPL"}')
    tells_unknown_symbols = False
    rate_limited = Answer('{"message":"too many requests."}', 429)
    failing = Answer('{"message":"internal server error occurred"}', 500)
    wrong_key = Answer('{"message":"forbidden."}\n', 403)

    def settings(self, url: str, key: SecretStr) -> dict[str, object]:
        return {"alpaca_rest_url": url, "alpaca_key": key, "alpaca_secret": key}

    def answer(self, question: Question, market: Market) -> Answer:
        assert question.path == f"/v2/stocks/{self.symbol}/bars"
        assert question.headers["APCA-API-KEY-ID"] == question.headers["APCA-API-SECRET-KEY"]
        asked = question.parameters
        assert (asked["feed"], asked["adjustment"], asked["sort"]) == ("iex", "split", "asc")
        interval = INTERVALS[asked["timeframe"]]
        start, end = (to_micros(datetime.fromisoformat(asked[bound])) for bound in ("start", "end"))
        if interval == "1d":
            # Days begin at midnight in New York; both are labelled by their date.
            start, end = _label(start), _label(end)
        rows = market.traded(interval, start, end + 1)
        first = int(asked.get("page_token", "0"))
        page = rows[first : first + min(PAGE, int(asked["limit"]))]
        token = f'"{first + PAGE}"' if first + PAGE < len(rows) else "null"
        bars = f"[{','.join(_bar(row, interval) for row in page)}]" if page else "null"
        return Answer(f'{{"bars":{bars},"next_page_token":{token},"symbol":"{self.symbol}"}}')


def _label(micros: int) -> int:
    local = to_datetime(micros).astimezone(NEW_YORK)
    assert local.time() == time()
    return to_micros(datetime.combine(local.date(), time(), tzinfo=to_datetime(0).tzinfo))


def _bar(row: Row, interval: Interval) -> str:
    began = to_datetime(row.start)
    if interval == "1d":
        began = to_datetime(to_micros(datetime.combine(began.date(), time(), tzinfo=NEW_YORK)))
    return (
        f'{{"c":{row.close},"h":{row.high},"l":{row.low},"n":{row.trades},"o":{row.open},'
        f'"t":"{began:%Y-%m-%dT%H:%M:%SZ}","v":{row.volume},"vw":{row.close}}}'
    )
