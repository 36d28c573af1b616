"""Candles in which nothing traded: filled on request, while the venue was open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.integration.api.database import MINUTE, MONDAY, Market

# 18:00 UTC is 13:00 in New York: on the day after Thanksgiving it closes then.
HALF_DAY = datetime(2024, 11, 29, 17, 58, tzinfo=UTC)


@pytest.fixture(scope="module", autouse=True)
def holes(market: Market) -> None:
    market.asset("HOLES")
    for index in (0, 1, 4):
        market.candle("HOLES", MONDAY + index * MINUTE, 100 + index)
    market.asset("STOCK", calendar="XNYS", asset_class="equity")
    market.candle("STOCK", HALF_DAY - MINUTE, 10)
    market.candle("STOCK", HALF_DAY + timedelta(minutes=30), 11)  # after hours
    market.candle("STOCK", datetime(2024, 12, 2, 14, 32, tzinfo=UTC), 12)


def rows(answer: httpx.Response) -> list[tuple[str, str | None, str | None, bool]]:
    assert answer.status_code == 200, answer.text
    return [
        (candle["bucket_start"][11:16], candle["close"], candle["volume"], candle["is_filled"])
        for candle in answer.json()["candles"]
    ]


def test_nothing_is_invented_unless_it_is_asked_for(api: httpx.Client) -> None:
    assert [row[0] for row in rows(api.get("/candles/HOLES"))] == ["14:30", "14:31", "14:34"]


def test_previous_repeats_the_close_before_without_volume(api: httpx.Client) -> None:
    assert rows(api.get("/candles/HOLES", params={"fill": "previous"})) == [
        ("14:30", "100", "1", False),
        ("14:31", "101", "1", False),
        ("14:32", "101", "0", True),
        ("14:33", "101", "0", True),
        ("14:34", "104", "1", False),
    ]


def test_null_says_only_that_there_is_nothing(api: httpx.Client) -> None:
    filled = rows(api.get("/candles/HOLES", params={"fill": "null"}))[2]
    assert filled == ("14:32", None, None, True)


def test_a_page_that_begins_inside_a_hole_knows_the_close_before_it(api: httpx.Client) -> None:
    parameters: dict[str, str | int] = {"fill": "previous", "start": "2026-01-05T14:33:00Z", "limit": 1}
    answer = api.get("/candles/HOLES", params=parameters)
    assert rows(answer) == [("14:33", "101", "0", True)]
    following = api.get("/candles/HOLES", params={**parameters, "cursor": answer.json()["next"]})
    assert rows(following) == [("14:34", "104", "1", False)]


def test_pages_back_in_time_are_filled_alike(api: httpx.Client) -> None:
    parameters: dict[str, str | int] = {"fill": "previous", "order": "desc", "limit": 2}
    first = api.get("/candles/HOLES", params=parameters)
    assert [row[0] for row in rows(first)] == ["14:34", "14:33"]
    second = api.get("/candles/HOLES", params={**parameters, "cursor": first.json()["next"]})
    assert [row[:2] for row in rows(second)] == [("14:32", "101"), ("14:31", "101")]


def test_multiples_are_filled_too(api: httpx.Client) -> None:
    found = rows(api.get("/candles/HOLES", params={"fill": "previous", "interval": "2m"}))
    assert found == [("14:30", "101", "2", False), ("14:32", "101", "0", True), ("14:34", "104", "1", False)]


def test_a_closed_market_is_not_filled_and_what_traded_after_hours_stays(api: httpx.Client) -> None:
    found = rows(api.get("/candles/STOCK", params={"fill": "previous", "start": "2024-11-29"}))
    assert [row[0] for row in found] == [
        "17:57",
        "17:58",
        "17:59",
        "18:28",  # after hours
        "14:30",
        "14:31",
        "14:32",
    ]
    assert [row[1] for row in found] == ["10", "10", "10", "11", "11", "11", "12"]


def test_a_market_with_a_break_at_noon_is_not_filled_in_it(api: httpx.Client, market: Market) -> None:
    market.asset("TOKYO", calendar="XTKS", asset_class="equity")
    before, after = datetime(2024, 6, 3, 2, 29, tzinfo=UTC), datetime(2024, 6, 3, 3, 31, tzinfo=UTC)
    market.candle("TOKYO", before, 10)
    market.candle("TOKYO", after, 11)
    found = rows(api.get("/candles/TOKYO", params={"fill": "null"}))
    assert [row[0] for row in found] == ["02:29", "03:30", "03:31"]


def test_days_without_a_session_are_not_filled(api: httpx.Client, market: Market) -> None:
    market.asset("DAILY", calendar="XNYS", asset_class="equity")
    for day in (27, 29):  # the 28th is Thanksgiving
        market.candle("DAILY", datetime(2024, 11, day, tzinfo=UTC), day, interval="1d")
    market.candle("DAILY", datetime(2024, 12, 3, tzinfo=UTC), 3, interval="1d")
    answer = api.get("/candles/DAILY", params={"fill": "null", "interval": "1d", "start": "2024-11-01"})
    days = [candle["bucket_start"][:10] for candle in answer.json()["candles"]]
    assert days == ["2024-11-27", "2024-11-29", "2024-12-02", "2024-12-03"]


def test_a_calendar_that_nobody_knows_is_a_problem_that_says_so(api: httpx.Client, market: Market) -> None:
    market.asset("ODD", calendar="MOON")
    market.candle("ODD", MONDAY, 1)
    answer = api.get("/candles/ODD", params={"fill": "null"})
    assert answer.status_code == 422
    assert "'MOON'" in answer.json()["detail"]
