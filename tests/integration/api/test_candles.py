"""Candles of a stored interval: pages, formats, caching, and what is refused."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from decimal import Decimal

import httpx
import pyarrow as pa
import pytest

from tests.integration.api.database import MINUTE, MONDAY, Market

CSV, ARROW = "text/csv", "application/vnd.apache.arrow.stream"
SYMBOL = "BTC-USD"
COUNT = 25


@pytest.fixture(scope="module", autouse=True)
def minutes(market: Market) -> None:
    """25 minutes, of which the last is not final; prices have digits that no float has."""
    market.asset(SYMBOL, name="Bitcoin")
    market.asset("ETH-USD")
    for index in range(COUNT):
        close = Decimal("50000.123456789012345678") + index
        market.candle(
            SYMBOL, MONDAY + index * MINUTE, close, vwap=close, volume="0.5", is_final=index < COUNT - 1
        )


def times(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [candle["bucket_start"] for candle in answer.json()["candles"]]


def moment(index: int) -> str:
    return f"{MONDAY + index * MINUTE:%Y-%m-%dT%H:%M:%SZ}"


def test_a_candle_is_told_with_every_digit_and_what_it_is(api: httpx.Client) -> None:
    answer = api.get(f"/candles/{SYMBOL}", params={"start": moment(3), "limit": 1}).json()
    assert answer["symbol"] == SYMBOL
    assert answer["interval"] == "1m"
    assert answer["source_kind"] == "live"
    assert answer["candles"] == [
        {
            "bucket_start": "2026-01-05T14:33:00Z",
            "open": "50003.123456789012345678",
            "high": "50003.123456789012345678",
            "low": "50003.123456789012345678",
            "close": "50003.123456789012345678",
            "volume": "0.5",
            "vwap": "50003.123456789012345678",
            "trade_count": 1,
            "is_final": True,
            "is_partial": False,
            "revision": 3,
            "origin": "stream",
            "source": "coinbase",
            "is_filled": False,
        }
    ]


def test_without_a_start_the_newest_come_in_ascending_order(api: httpx.Client) -> None:
    answer = api.get(f"/candles/{SYMBOL}", params={"limit": 3})
    assert times(answer) == [moment(index) for index in (22, 23, 24)]
    assert answer.json()["next"] is None


def test_an_end_is_not_within_the_time(api: httpx.Client) -> None:
    assert times(api.get(f"/candles/{SYMBOL}", params={"end": moment(5), "limit": 2})) == [
        moment(3),
        moment(4),
    ]


@pytest.mark.parametrize(("order", "start"), [("asc", {"start": moment(0)}), ("desc", {})])
def test_pages_follow_each_other_without_a_gap_or_an_overlap(
    api: httpx.Client, order: str, start: dict[str, str]
) -> None:
    found: list[str] = []
    cursor: dict[str, str] = {}
    for _ in range(COUNT):
        answer = api.get(f"/candles/{SYMBOL}", params={"order": order, "limit": 7, **start, **cursor})
        found += times(answer)
        if answer.json()["next"] is None:
            break
        cursor = {"cursor": answer.json()["next"]}
    assert found == sorted((moment(index) for index in range(COUNT)), reverse=order == "desc")


def test_only_final_ones_are_told_where_that_is_asked(api: httpx.Client) -> None:
    answer = api.get(f"/candles/{SYMBOL}", params={"final_only": True, "limit": 1})
    assert times(answer) == [moment(COUNT - 2)]


def test_the_latest_candle_may_be_unfinished(api: httpx.Client) -> None:
    candle = api.get(f"/candles/{SYMBOL}/latest").json()["candle"]
    assert (candle["bucket_start"], candle["is_final"]) == (moment(COUNT - 1), False)


def test_a_symbol_without_candles_has_no_latest_one(api: httpx.Client) -> None:
    assert api.get("/candles/ETH-USD/latest").json()["candle"] is None
    assert times(api.get("/candles/ETH-USD")) == []


def test_csv_has_the_same_values(api: httpx.Client) -> None:
    answer = api.get(f"/candles/{SYMBOL}", headers={"Accept": CSV}, params={"start": moment(0), "limit": 2})
    assert answer.headers["content-type"].startswith(CSV)
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["bucket_start"] for row in rows] == [moment(0), moment(1)]
    assert rows[1]["close"] == "50001.123456789012345678"
    assert rows[1]["is_final"] == "true"
    following = api.get(
        f"/candles/{SYMBOL}", params={"start": moment(0), "cursor": answer.headers["x-next-cursor"]}
    )
    assert times(following)[0] == moment(2)


def test_arrow_has_exact_decimals_and_times(api: httpx.Client) -> None:
    answer = api.get(f"/candles/{SYMBOL}", headers={"Accept": ARROW}, params={"start": moment(0), "limit": 2})
    assert answer.headers["content-type"] == ARROW
    table = pa.ipc.open_stream(answer.content).read_all()
    assert table.column("close").to_pylist()[1] == Decimal("50001.123456789012345678")
    assert table.column("bucket_start").to_pylist() == [MONDAY, MONDAY + MINUTE]


def test_a_format_that_there_is_not_is_refused_with_those_there_are(api: httpx.Client) -> None:
    answer = api.get(f"/candles/{SYMBOL}", headers={"Accept": "application/xml"})
    assert answer.status_code == 406
    assert CSV in answer.json()["detail"]


def test_an_answer_is_compressed_for_whoever_takes_that(api: httpx.Client) -> None:
    assert api.get(f"/candles/{SYMBOL}").headers["content-encoding"] == "gzip"
    plain = api.get(f"/candles/{SYMBOL}", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers


def test_what_has_not_changed_is_answered_304(api: httpx.Client, market: Market) -> None:
    market.asset("SOL-USD")
    market.candle("SOL-USD", MONDAY, 100)
    tag = api.get("/candles/SOL-USD").headers["etag"]
    again = api.get("/candles/SOL-USD", headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    market.candle("SOL-USD", MONDAY + MINUTE, 101)
    assert api.get("/candles/SOL-USD", headers={"If-None-Match": tag}).status_code == 200


def test_finished_history_may_be_kept_longer_than_what_still_changes(api: httpx.Client) -> None:
    past = api.get(f"/candles/{SYMBOL}", params={"start": moment(0), "end": moment(10)})
    assert "max-age=300" in past.headers["cache-control"]
    now = api.get(f"/candles/{SYMBOL}")
    assert "no-cache" in now.headers["cache-control"]


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"interval": "90s"}, ("interval", "'90s'", "7m")),
        ({"interval": "400d"}, ("interval", "366 days")),
        ({"limit": 10_001}, ("limit", "10000", "'10001'")),
        ({"start": moment(5), "end": moment(5)}, ("start", "not before end")),
        ({"start": "yesterday"}, ("start", "2025-01-31")),
        ({"start": "0001-01-01"}, ("start", "1970")),
        ({"cursor": "bm9uc2Vuc2U"}, ("cursor", "next")),
        ({"interval": "59m", "limit": 10_000}, ("limit", "590,000", "3,389")),
    ],
)
def test_what_cannot_be_is_refused_with_the_parameter_and_the_way_out(
    api: httpx.Client, parameters: dict[str, str | int], said: tuple[str, ...]
) -> None:
    answer = api.get(f"/candles/{SYMBOL}", params=parameters)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    for part in said:
        assert part in answer.json()["detail"]


def test_a_cursor_of_another_list_is_refused(api: httpx.Client) -> None:
    cursor = api.get(f"/candles/{SYMBOL}", params={"order": "desc", "limit": 1}).json()["next"]
    answer = api.get(f"/candles/{SYMBOL}", params={"cursor": cursor})
    assert answer.status_code == 422
    assert "it belongs to the list" in answer.json()["detail"]


def test_an_unknown_symbol_is_told_with_those_that_are_written_alike(api: httpx.Client) -> None:
    answer = api.get("/candles/BTC-USDT")
    assert answer.status_code == 404
    assert "Did you mean BTC-USD" in answer.json()["detail"]


def test_a_symbol_may_have_a_slash(api: httpx.Client, market: Market) -> None:
    market.asset("EUR/USD")
    market.candle("EUR/USD", MONDAY, "1.1")
    assert len(times(api.get("/candles/EUR%2FUSD"))) == 1
    assert api.get("/candles/EUR/USD/latest").json()["candle"]["close"] == "1.1"


def test_a_day_before_the_newest_is_not_a_minute(api: httpx.Client) -> None:
    answer = api.get(f"/candles/{SYMBOL}", params={"start": f"{MONDAY - timedelta(days=1):%Y-%m-%d}"})
    assert times(answer)[0] == moment(0)
