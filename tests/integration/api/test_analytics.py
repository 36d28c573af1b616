"""What is worked out of candles: summaries, the market, volumes, correlations."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from tests.integration.api.database import MONDAY, Market

HOUR = timedelta(hours=1)
# Later than whatever other tests write, so that the market's time is ours.
NOON = MONDAY.replace(year=2026, month=2, hour=12, minute=0)
CLOSES: dict[str, list[float]] = {
    "RISES": [100, 110, 130, 133.1],
    "FALLS": [100, 80, 90, 50],
    "STANDS": [7, 7, 7, 7],
}
VOLUMES = [1, 2, 3, 4]


@pytest.fixture(scope="module", autouse=True)
def hours(market: Market) -> Iterator[None]:
    for symbol, closes in CLOSES.items():
        market.asset(symbol, source="simulator")
        for index, (close, volume) in enumerate(zip(closes, VOLUMES, strict=True)):
            market.candle(
                symbol,
                NOON + index * HOUR,
                close,
                interval="1h",
                volume=volume,
                vwap=close,
                trade_count=index,
            )
    yield
    with market.owner.cursor() as cursor:
        cursor.execute("DELETE FROM candles WHERE symbol = ANY(%s)", (list(CLOSES),))
        cursor.execute("DELETE FROM assets WHERE symbol = ANY(%s)", (list(CLOSES),))


def test_a_symbol_is_summed_up(api: httpx.Client) -> None:
    summary = api.get("/analytics/FALLS/summary").json()
    returns = [math.log(b / a) for a, b in ((100, 80), (80, 90), (90, 50))]
    assert (summary["start"], summary["end"]) == ("2026-02-04T16:00:00Z", "2026-02-05T16:00:00Z")
    assert {name: summary[name] for name in ("open", "high", "low", "close", "range")} == {
        "open": "100",
        "high": "100",
        "low": "50",
        "close": "50",
        "range": "50",
    }
    assert summary["return"] == -0.5
    assert summary["max_drawdown"] == 0.5
    assert summary["volatility"] == pytest.approx(statistics.stdev(returns))
    assert (summary["volume"], summary["average_volume"], summary["vwap"]) == ("10", "2.5", "73")
    assert (summary["candles"], summary["source_kind"]) == (4, "simulated")


def test_a_time_without_candles_has_no_prices_and_no_statistics(api: httpx.Client) -> None:
    summary = api.get("/analytics/RISES/summary", params={"start": "2020-01-01", "end": "2020-01-02"}).json()
    assert summary["candles"] == 0
    assert [summary[name] for name in ("open", "return", "volatility", "max_drawdown", "vwap")] == [None] * 5


def test_the_market_tells_who_moved_and_who_is_active(api: httpx.Client) -> None:
    market = api.get("/market/overview", params={"over": "24h"}).json()
    assert (market["start"], market["end"]) == ("2026-02-04T16:00:00Z", "2026-02-05T16:00:00Z")
    breadth = market["breadth"]
    assert (breadth["rising"], breadth["falling"], breadth["unchanged"]) == (1, 1, 1)
    assert [(one["symbol"], one["source_kind"]) for one in market["gainers"]] == [("RISES", "simulated")]
    assert market["gainers"][0]["change"] == pytest.approx(0.331)
    assert [one["symbol"] for one in market["losers"]] == ["FALLS"]
    assert [one["symbol"] for one in market["most_active"]] == ["RISES", "FALLS", "STANDS"]
    assert market["most_active"][1]["turnover"] == "730"


def test_symbols_without_a_candle_in_the_time_are_silent(api: httpx.Client, market: Market) -> None:
    before = api.get("/market/overview", params={"over": "24h"}).json()["breadth"]["silent"]
    market.asset("SILENT")
    assert api.get("/market/overview", params={"over": "24h"}).json()["breadth"]["silent"] == before + 1


def test_volumes_are_averaged_by_symbol(api: httpx.Client) -> None:
    volumes = api.get("/market/volume").json()["volumes"]
    assert {one["symbol"]: one["average_volume"] for one in volumes} == dict.fromkeys(CLOSES, "2.5")
    assert volumes[0]["average_trade_count"] == 1.5


def test_volumes_are_averaged_by_the_hour_of_the_day(api: httpx.Client) -> None:
    parameters = {"symbol": "RISES", "by": "hour", "start": "2026-02-01", "end": "2026-02-10"}
    volumes = api.get("/market/volume", params=parameters).json()["volumes"]
    assert [(one["hour"], one["average_volume"]) for one in volumes] == [
        (12, "1"),
        (13, "2"),
        (14, "3"),
        (15, "4"),
    ]


def test_returns_are_correlated_and_a_price_that_stands_still_with_nothing(api: httpx.Client) -> None:
    answer = api.get("/market/correlation", params={"symbol": list(CLOSES)}).json()
    found = {(one["symbol"], one["other"]): one["correlation"] for one in answer["correlations"]}
    one, other = (
        [math.log(b / a) for a, b in zip(CLOSES[name], CLOSES[name][1:], strict=False)]
        for name in ("RISES", "FALLS")
    )
    assert found["RISES", "FALLS"] == pytest.approx(statistics.correlation(one, other), abs=1e-6)
    assert found["FALLS", "STANDS"] is None


@pytest.mark.parametrize(
    ("path", "parameters", "said"),
    [
        ("/market/correlation", {"symbol": ["RISES"]}, ("symbol", "at least 2")),
        ("/market/volume", {"interval": "1m", "start": "2026-01-01", "end": "2026-02-01"}, ("start", "500")),
        ("/market/overview", {"over": "1y"}, ("interval", "'1y'")),
    ],
)
def test_what_cannot_be_is_refused_with_the_parameter_and_the_way_out(
    api: httpx.Client, path: str, parameters: dict[str, str | list[str]], said: tuple[str, ...]
) -> None:
    answer = api.get(path, params=parameters)
    assert answer.status_code == 422
    for part in said:
        assert part in answer.json()["detail"]


def test_correlating_an_unknown_symbol_is_told(api: httpx.Client) -> None:
    assert api.get("/market/correlation", params={"symbol": ["RISES", "NOBODY"]}).status_code == 404
