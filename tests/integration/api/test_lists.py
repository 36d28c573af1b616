"""Assets, sources, raw events, gaps, runs, forecasts and alerts: what is stored, page by page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from psycopg2.extras import Json

from tests.integration.api.database import MINUTE, MONDAY, Market


@pytest.fixture(scope="module", autouse=True)
def stored(market: Market) -> None:
    for symbol, name in (("LIST-A", "First of all"), ("LIST-B", "100% second"), ("LIST-C", None)):
        market.asset(symbol, name=name, asset_class="listed", source="simulator")
    with market.owner.cursor() as cursor:
        cursor.execute("SELECT ensure_snapshot_partition(%s)", (MONDAY.date(),))
        cursor.execute("SELECT ensure_snapshot_partition(%s)", (MONDAY.date() + timedelta(days=1),))
    for model, mase in (("naive", 0.9), ("drift", 1.1)):
        market.insert(
            "forecast_backtests",
            symbol="LIST-A",
            interval="1h",
            model=model,
            is_chosen=model == "naive",
            reason="No model beats the naive one.",
            confidence=0.9,
            forecast_count=500,
            mase=mase,
            coverage=0.9,
            width=0.01,
            half_width=0.005,
            tested_until=MONDAY,
        )
    for index in range(5):
        # Two a moment, over midnight.
        market.insert(
            "snapshots",
            symbol="LIST-A",
            event_time=MONDAY + timedelta(hours=6 * (index // 2)),
            event_id=f"event-{index}",
            source="simulator",
            kind="trade",
            ingest_time=MONDAY,
            price="1.000000000000000001",
            size=index,
        )
        market.insert(
            "gaps", symbol="LIST-A", source="simulator", reason="silence", started_at=MONDAY + index * MINUTE
        )
        market.insert(
            "ingest_runs", kind="replay", source="simulator", request=Json({"file": index}), event_count=index
        )
        market.insert(
            "forecasts",
            symbol="LIST-A",
            interval="1h",
            bucket_start=MONDAY + timedelta(hours=index // 2),
            model=("drift", "naive")[index % 2],
            price="100.5",
            lower=90,
            upper=110,
            confidence=0.9,
            trained_until=MONDAY - timedelta(hours=1),
            is_chosen=index % 2 == 1,
        )
        if index % 2 == 1:
            market.insert(
                "forecast_scores",
                symbol="LIST-A",
                interval="1h",
                bucket_start=MONDAY + timedelta(hours=index // 2),
                model="naive",
                actual="100",
                absolute_error="0.5",
                scaled_error=index / 2 + 0.5,
                is_within=index == 1,
                candle_revision=3,
            )
        market.insert(
            "alert_rules",
            name=f"rule {index}",
            symbol="LIST-A",
            kind="price_cross",
            parameters=Json({"threshold": "100"}),
            delivery=Json({"url": "https://somewhere.example"}),
        )
    with market.owner.cursor() as cursor:
        cursor.execute("SELECT min(id) FROM alert_rules WHERE symbol = 'LIST-A'")
        (rule,) = cursor.fetchone()  # type: ignore[misc]
        cursor.execute(
            "UPDATE gaps SET ended_at = started_at + interval '30 s', closed_at = now()"
            " WHERE started_at = %s AND symbol = 'LIST-A'",
            (MONDAY,),
        )
    for index in range(5):
        market.insert(
            "alert_events",
            rule_id=rule,
            symbol="LIST-A",
            event_time=MONDAY + index * MINUTE,
            message=f"message {index}",
            value=index,
        )


def all_pages(api: httpx.Client, path: str, rows: str, **parameters: str | int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        answer = api.get(path, params={"limit": 2, **parameters})
        assert answer.status_code == 200, answer.text
        assert len(answer.json()[rows]) <= 2
        found += answer.json()[rows]
        if answer.json()["next"] is None:
            return found
        parameters["cursor"] = answer.json()["next"]


def test_assets_are_found_by_a_part_of_symbol_or_name(api: httpx.Client) -> None:
    assert [one["symbol"] for one in all_pages(api, "/assets", "assets", query="list-")] == [
        "LIST-A",
        "LIST-B",
        "LIST-C",
    ]
    assert [one["symbol"] for one in all_pages(api, "/assets", "assets", query="0% SEC")] == ["LIST-B"]
    assert len(all_pages(api, "/assets", "assets", asset_class="listed", source="simulator")) == 3


def test_an_asset_says_how_real_it_is(api: httpx.Client) -> None:
    asset = api.get("/assets/LIST-A").json()
    assert (asset["source_kind"], asset["name"], asset["deleted_at"]) == ("simulated", "First of all", None)


def test_a_symbol_that_was_deleted_and_followed_again_is_the_one_that_lives(
    api: httpx.Client, market: Market
) -> None:
    market.asset("TWICE", deleted_at=MONDAY)
    assert api.get("/assets/TWICE").json()["deleted_at"] == "2026-01-05T14:30:00Z"
    market.asset("TWICE")
    assert [one["deleted_at"] for one in all_pages(api, "/assets", "assets", query="TWICE")] == [None]


def test_sources_are_listed(api: httpx.Client) -> None:
    sources = api.get("/sources").json()["sources"]
    kinds = {one["name"]: one["kind"] for one in sources}
    assert (kinds["coinbase"], kinds["simulator"]) == ("live", "simulated")


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_raw_events_of_one_moment_are_paged_without_loss(api: httpx.Client, order: str) -> None:
    start: dict[str, str | int] = {"start": "2026-01-05"} if order == "asc" else {}
    found = all_pages(api, "/snapshots/LIST-A", "snapshots", order=order, **start)
    ids = [event["event_id"] for event in found]
    assert ids == sorted((f"event-{index}" for index in range(5)), reverse=order == "desc")
    assert found[0]["price"] == "1.000000000000000001"


def test_raw_events_are_limited_to_a_time(api: httpx.Client) -> None:
    parameters = {"start": "2026-01-05T15:00:00Z", "end": "2026-01-05T21:00:00Z"}
    events = api.get("/snapshots/LIST-A", params=parameters).json()["snapshots"]
    assert [event["event_id"] for event in events] == ["event-2", "event-3"]


def test_gaps_are_listed_newest_first_and_by_whether_they_are_open(api: httpx.Client) -> None:
    found = all_pages(api, "/gaps", "gaps", symbol="LIST-A")
    assert [gap["started_at"][14:16] for gap in found] == ["34", "33", "32", "31", "30"]
    assert len(all_pages(api, "/gaps", "gaps", symbol="LIST-A", open="true")) == 4
    assert len(all_pages(api, "/gaps", "gaps", symbol="LIST-A", open="false")) == 1


def test_runs_are_listed_with_what_was_asked(api: httpx.Client) -> None:
    found = all_pages(api, "/runs", "runs", kind="replay", status="running")
    assert [run["request"] for run in found] == [{"file": index} for index in (4, 3, 2, 1, 0)]


def test_an_object_is_json_in_a_table_too(api: httpx.Client) -> None:
    answer = api.get("/runs", params={"kind": "replay", "limit": 1}, headers={"Accept": "text/csv"})
    assert '"{""file"":4}"' in answer.text


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_forecasts_of_several_models_are_paged_without_loss(api: httpx.Client, order: str) -> None:
    start: dict[str, str | int] = {"start": "2026-01-05"} if order == "asc" else {}
    found = all_pages(
        api, "/forecasts/LIST-A", "forecasts", order=order, interval="1h", all_models="true", **start
    )
    keys = [(one["bucket_start"], one["model"]) for one in found]
    assert len(keys) == 5
    assert keys == sorted(keys, reverse=order == "desc")
    assert (found[0]["price"], found[0]["lower"], found[0]["upper"], found[0]["confidence"]) == (
        "100.5",
        "90",
        "110",
        0.9,
    )


def test_unless_all_are_asked_for_the_forecasts_of_the_chosen_model_are_listed(api: httpx.Client) -> None:
    found = all_pages(api, "/forecasts/LIST-A", "forecasts", interval="1h")
    assert [(one["model"], one["is_chosen"]) for one in found] == [("naive", True)] * 2


def test_models_are_listed_by_their_backtest_with_what_has_come_true(api: httpx.Client) -> None:
    answer = api.get("/forecast-models/LIST-A", params={"interval": "1h"}).json()
    assert answer["source_kind"] == "simulated"
    assert [(one["model"], one["is_chosen"], one["mase"]) for one in answer["models"]] == [
        ("naive", True, 0.9),
        ("drift", False, 1.1),
    ]
    scored = [(one["scored_count"], one["scored_mase"], one["scored_coverage"]) for one in answer["models"]]
    assert scored == [(2, 1.5, 0.5), (0, None, None)]


def test_rules_are_listed_without_where_they_are_delivered_to(api: httpx.Client) -> None:
    found = all_pages(api, "/alert-rules", "alert_rules", symbol="LIST-A")
    assert [rule["name"] for rule in found] == [f"rule {index}" for index in range(5)]
    assert "somewhere.example" not in str(found)


def test_alerts_are_listed_newest_first_within_a_time(api: httpx.Client) -> None:
    found = all_pages(api, "/alert-events", "alert_events", symbol="LIST-A")
    assert [event["message"] for event in found] == [f"message {index}" for index in (4, 3, 2, 1, 0)]
    parameters = {"start": "2026-01-05T14:31:00Z", "end": "2026-01-05T14:33:00Z"}
    assert len(all_pages(api, "/alert-events", "alert_events", **parameters)) == 2
