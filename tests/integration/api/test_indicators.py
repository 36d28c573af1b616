"""Stored indicators, and those that are computed on request by the same classes."""

from __future__ import annotations

import csv
import io
import math
from datetime import timedelta

import httpx
import pytest

from api.analytics.indicators import defaults
from stream_job.indicators.candle import Candle
from stream_job.indicators.catalogue import CATALOGUE, VALUES, IndicatorDefinition
from stream_job.indicators.indicator_set import IndicatorSet
from stream_job.indicators.macd import Macd
from stream_job.indicators.rsi import Rsi
from tests.integration.api.database import MINUTE, MONDAY, Market

COUNT = 1_200
SYMBOL = "WAVE"


def close(index: int) -> float:
    return round(100 + 10 * math.sin(index / 17) + index % 7, 4)


def final(index: int) -> Candle:
    price = close(index)
    moment = MONDAY + index * MINUTE
    return Candle(
        int(moment.timestamp()) * 1_000_000, moment.date(), price, price, price, price, 1.0 + index % 3
    )


def pair(index: int) -> Candle:
    """The candle of the two minutes from one on."""
    first, second = final(index), final(index + 1)
    return Candle(
        first.bucket_start,
        first.trading_day,
        first.open,
        max(first.high, second.high),
        min(first.low, second.low),
        second.close,
        first.volume + second.volume,
    )


@pytest.fixture(scope="module", autouse=True)
def wave(market: Market) -> None:
    market.asset(SYMBOL)
    for index in range(COUNT):
        market.candle(SYMBOL, MONDAY + index * MINUTE, close(index), volume=1 + index % 3)
    market.candle(SYMBOL, MONDAY + COUNT * MINUTE, 1, is_final=False)
    market.asset("KEPT")
    for index in range(5):
        for name in VALUES:
            market.insert(
                "indicators",
                symbol="KEPT",
                interval="1m",
                bucket_start=MONDAY + index * MINUTE,
                name=name,
                value=None if index == 0 else index / 3,
                revision=1,
            )


def values(answer: httpx.Response, name: str) -> list[float | None]:
    assert answer.status_code == 200, answer.text
    (series,) = (one for one in answer.json()["indicators"] if one["name"] == name)
    return [point["value"] for point in series["values"]]


def test_stored_values_are_told_by_name_with_unit_and_meaning(api: httpx.Client) -> None:
    answer = api.get("/indicators/KEPT", params=[("name", "rsi_14"), ("name", "sma_20"), ("limit", 2)]).json()
    assert answer["indicators"] == [
        {
            "name": name,
            "unit": VALUES[name].unit.value,
            "description": VALUES[name].description,
            "values": [
                {"bucket_start": "2026-01-05T14:33:00Z", "value": 1.0},
                {"bucket_start": "2026-01-05T14:34:00Z", "value": 4 / 3},
            ],
        }
        for name in ("rsi_14", "sma_20")
    ]


def test_without_a_name_all_stored_values_come_and_null_where_they_warm_up(api: httpx.Client) -> None:
    answer = api.get("/indicators/KEPT", params={"start": "2026-01-05", "limit": 1}).json()
    assert {one["name"]: [point["value"] for point in one["values"]] for one in answer["indicators"]} == {
        name: [None] for name in VALUES
    }


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_pages_of_stored_values_follow_each_other(api: httpx.Client, order: str) -> None:
    found: list[float | None] = []
    parameters: dict[str, str | int] = {"name": "obv", "limit": 2, "order": order}
    if order == "asc":
        parameters["start"] = "2026-01-05"
    while True:
        answer = api.get("/indicators/KEPT", params=parameters)
        found += values(answer, "obv")
        if answer.json()["next"] is None:
            break
        parameters["cursor"] = answer.json()["next"]
    expected = [None, 1 / 3, 2 / 3, 1.0, 4 / 3]
    assert found == (expected if order == "asc" else expected[::-1])


def test_in_csv_a_row_is_a_value(api: httpx.Client) -> None:
    answer = api.get("/indicators/KEPT", params={"name": "obv", "limit": 1}, headers={"Accept": "text/csv"})
    assert list(csv.DictReader(io.StringIO(answer.text))) == [
        {"bucket_start": "2026-01-05T14:34:00Z", "name": "obv", "value": str(4 / 3)}
    ]


def test_any_period_is_computed_as_over_the_full_series(api: httpx.Client) -> None:
    series = Rsi.of(21)
    expected = [series.update(final(index)) for index in range(COUNT)][-100:]
    found = values(
        api.get(f"/indicators/{SYMBOL}", params={"type": "rsi", "period": 21, "limit": 100}), "rsi_21"
    )
    assert found == pytest.approx(expected, rel=1e-12)


def test_a_chain_of_averages_is_computed_as_over_the_full_series(api: httpx.Client) -> None:
    series = Macd.of(5, 35, 5)
    expected = [series.update(final(index)) for index in range(COUNT)][-50:]
    parameters: dict[str, str | int] = {"type": "macd", "fast": 5, "slow": 35, "signal": 5, "limit": 50}
    answer = api.get(f"/indicators/{SYMBOL}", params=parameters)
    for place, name in enumerate(("macd", "macd_signal", "macd_histogram")):
        assert values(answer, name) == pytest.approx(
            [value[place] for value in expected if value is not None], rel=1e-9, abs=1e-12
        )


@pytest.mark.parametrize("definition", CATALOGUE, ids=lambda definition: definition.key)
def test_what_is_stored_can_be_computed_under_the_same_names(
    api: httpx.Client, definition: IndicatorDefinition
) -> None:
    kind = next(kind for kind in defaults() if definition.key.startswith(kind))
    period = {"period": int(definition.key.split("_")[-1])} if kind in ("sma", "ema", "rsi", "atr") else {}
    series = IndicatorSet([definition])
    last = [series.update(final(index)) for index in range(COUNT)][-1]
    answer = api.get(f"/indicators/{SYMBOL}", params={"type": kind, "limit": 1, **period})
    for name, value in last.items():
        assert values(answer, name) == pytest.approx([value], rel=1e-9)


def test_a_series_that_begins_inside_the_time_warms_up_as_it_does_for_the_job(api: httpx.Client) -> None:
    answer = api.get(
        f"/indicators/{SYMBOL}", params={"type": "sma", "period": 3, "start": "2026-01-05", "limit": 4}
    )
    expected = [None, None, (close(0) + close(1) + close(2)) / 3, (close(1) + close(2) + close(3)) / 3]
    assert values(answer, "sma_3") == pytest.approx(expected)


@pytest.mark.parametrize("definition", CATALOGUE, ids=lambda definition: definition.key)
def test_what_is_stored_comes_by_the_same_name_of_a_multiple_computed_from_its_candles(
    api: httpx.Client, definition: IndicatorDefinition
) -> None:
    series = IndicatorSet([definition])
    last = [series.update(pair(index)) for index in range(0, COUNT, 2)][-1]
    parameters: list[tuple[str, str | int]] = [("name", value.name) for value in definition.values]
    # The newest two minutes are not finished, and so without a value.
    answer = api.get(f"/indicators/{SYMBOL}", params=[*parameters, ("interval", "2m"), ("limit", 2)])
    for name, value in last.items():
        assert values(answer, name) == pytest.approx([value], rel=1e-9)


def test_of_a_multiple_too_only_what_is_named_comes(api: httpx.Client) -> None:
    parameters: dict[str, str | int] = {"name": "macd", "interval": "2m", "limit": 2}
    (series,) = api.get(f"/indicators/{SYMBOL}", params=parameters).json()["indicators"]
    assert (series["name"], len(series["values"])) == ("macd", 1)
    rows = api.get(f"/indicators/{SYMBOL}", params=parameters, headers={"Accept": "text/csv"}).text
    assert rows.count("macd") == 1


def test_only_final_candles_are_computed_with(api: httpx.Client) -> None:
    answer = api.get(f"/indicators/{SYMBOL}", params={"type": "sma", "period": 1, "limit": 1})
    assert values(answer, "sma_1") == [close(COUNT - 1)]


def test_indicators_of_a_multiple_are_computed_from_its_candles(api: httpx.Client) -> None:
    answer = api.get(
        f"/indicators/{SYMBOL}",
        params={"type": "sma", "period": 2, "interval": "2m", "limit": 1, "end": "2026-01-05T16:00:00Z"},
    )
    assert values(answer, "sma_2") == pytest.approx([(close(87) + close(89)) / 2])


def test_the_day_of_a_venue_begins_with_its_session(api: httpx.Client, market: Market) -> None:
    market.asset("FUTURE", calendar="CMES")
    # The session of 6 January opens on the evening before, at 23:00 UTC.
    for hours, price in ((7, 10), (9, 20), (10, 40)):
        market.candle("FUTURE", MONDAY + timedelta(hours=hours), price)
    answer = api.get("/indicators/FUTURE", params={"type": "vwap_day"})
    assert values(answer, "vwap_day") == [10, 20, 30]


def test_the_catalogue_tells_what_is_stored_and_what_can_be_computed(api: httpx.Client) -> None:
    catalogue = api.get("/indicators").json()
    assert [one["name"] for one in catalogue["stored"]] == list(VALUES)
    assert {"type": "rsi", "parameters": {"period": 14}} in catalogue["computed"]


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"name": "rsi_21"}, ("name", "'rsi_21'", "type")),
        ({"type": "rsx"}, ("type", "'rsx'", "rsi")),
        ({"type": "sma", "fast": 3}, ("fast", "takes period")),
        ({"type": "macd", "fast": 30}, ("fast", "not below slow")),
        ({"type": "realised_volatility", "period": 1}, ("period", "2 or more")),
        ({"type": "rsi", "name": "rsi_14"}, ("name", "type")),
        ({"period": 3}, ("period", "type=rsi")),
        ({"type": "rsi", "period": 501}, ("period", "500")),
        ({"type": "ema", "period": 500, "interval": "59m"}, ("interval", "shorter")),
    ],
)
def test_what_cannot_be_is_refused_with_the_parameter_and_the_way_out(
    api: httpx.Client, parameters: dict[str, str | int], said: tuple[str, ...]
) -> None:
    answer = api.get(f"/indicators/{SYMBOL}", params=parameters)
    assert answer.status_code == 422
    for part in said:
        assert part in answer.json()["detail"]
