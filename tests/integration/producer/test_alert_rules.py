"""Alert rules over HTTP and from the shell: made, changed, deleted softly; and what has fired."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.producer.alerting import Desk
from tests.integration.producer.conftest import KEY, Serve
from tests.integration.producer.shell import Shell
from tests.stack import RunningStack


@pytest.fixture(autouse=True)
def followed(desk: Desk) -> Iterator[str]:
    """A symbol that is followed while the test lasts."""
    desk.query(
        "INSERT INTO data_sources (name, kind, description) VALUES ('test', 'history', 'A test')"
        " ON CONFLICT DO NOTHING"
    )
    desk.query("INSERT INTO assets (symbol, asset_class, source) VALUES (%s, 'crypto', 'test')", desk.symbol)
    yield desk.symbol
    desk.query("DELETE FROM assets WHERE symbol = %s", desk.symbol)


@pytest.fixture
def candlewick(stack: RunningStack, tmp_path: Path) -> Shell:
    """The command for the stack itself."""
    return Shell(stack.environment, stack.env, tmp_path)


@pytest.fixture
async def client(serve: Serve) -> AsyncIterator[httpx.AsyncClient]:
    async with serve() as client:
        client.headers.update(KEY)
        yield client


def order(symbol: str, /, **changes: Any) -> dict[str, Any]:
    """A rule to be made."""
    return {
        "name": "high",
        "symbol": symbol,
        "kind": "price_cross",
        "parameters": {"price": "65000.50", "direction": "up"},
        **changes,
    }


async def made(client: httpx.AsyncClient, symbol: str, /, **changes: Any) -> dict[str, Any]:
    response = await client.post("/alert-rules", json=order(symbol, **changes))
    assert response.status_code == 201, response.text
    rule: dict[str, Any] = response.json()
    assert response.headers["location"] == f"/alert-rules/{rule['id']}"
    return rule


async def test_a_rule_is_kept_as_it_was_ordered_and_in_the_columns_that_the_job_reads(
    client: httpx.AsyncClient, desk: Desk
) -> None:
    rule = await made(client, desk.symbol, delivery={"webhook": "https://example.com/hook"})
    assert (await client.get(f"/alert-rules/{rule['id']}")).json() == rule
    (row,) = desk.query("SELECT * FROM alert_rules WHERE id = %s", rule["id"])
    assert (row["kind"], row["interval"], row["is_enabled"], row["deleted_at"]) == (
        "price_cross",
        None,
        True,
        None,
    )
    assert row["parameters"] == {"price": "65000.50", "direction": "up", "hysteresis": "0"}
    assert row["delivery"] == {"webhook": "https://example.com/hook"}
    assert rule["delivery"] == {"webhook": "https://example.com/hook", "email": None}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"symbol": "NO-NE"}, "symbol: nothing is told of 'NO-NE', so a rule about it would never fire"),
        ({"kind": "walk"}, "Input tag 'walk'"),
        ({"parameters": {"price": 65000.5}}, 'write a string as "65000.5"'),
        ({"interval": "1m"}, "on events, which have no interval: leave it out"),
        ({"delivery": {"webhook": "https://me:sesame@example.com/"}}, "which every reader of the database"),
        ({"delivery": {"sms": "1"}}, "delivery.sms: Extra inputs are not permitted"),
    ],
)
async def test_what_is_not_valid_is_a_problem_with_the_way_out(
    client: httpx.AsyncClient, desk: Desk, changes: dict[str, Any], sentence: str
) -> None:
    response = await client.post("/alert-rules", json=order(desk.symbol, **changes))
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert sentence in response.json()["detail"]
    assert "sesame" not in response.text


async def test_a_change_is_merged_and_moves_updated_at_and_one_that_changes_nothing_does_not(
    client: httpx.AsyncClient, desk: Desk
) -> None:
    rule = await made(client, desk.symbol, delivery={"email": "you@example.com"})
    path = f"/alert-rules/{rule['id']}"
    change = {"parameters": {"price": "66000"}, "delivery": {"webhook": "http://10.0.0.1/", "email": None}}
    changed = (await client.patch(path, json=change)).json()
    assert changed["parameters"] == {"price": "66000", "direction": "up", "hysteresis": "0"}
    assert changed["delivery"] == {"webhook": "http://10.0.0.1/", "email": None}
    assert datetime.fromisoformat(changed["updated_at"]) > datetime.fromisoformat(rule["updated_at"])
    assert changed["created_at"] == rule["created_at"]
    assert (await client.patch(path, json=change)).json() == changed
    assert (await client.patch(path, json={})).json() == changed
    disabled = (await client.patch(path, json={"is_enabled": False})).json()
    assert disabled["is_enabled"] is False
    assert disabled["updated_at"] > changed["updated_at"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"parameters": {"hysteresis": "70000"}}, "would fire once and never again"),
        ({"parameters": {"percent": "2"}}, "parameters.percent: Extra inputs are not permitted"),
        ({"parameters": {"price": None}}, "parameters.price: Field required"),
        ({"symbol": "NO-NE"}, "nothing is told of 'NO-NE'"),
        ({"name": None}, "name: Field required"),
        ({"kind": "feed_silent"}, "kind: Extra inputs are not permitted"),
    ],
)
async def test_a_change_to_what_no_rule_can_be_is_refused_and_changes_nothing(
    client: httpx.AsyncClient, desk: Desk, change: dict[str, Any], sentence: str
) -> None:
    rule = await made(client, desk.symbol)
    response = await client.patch(f"/alert-rules/{rule['id']}", json=change)
    assert (response.status_code, sentence in response.json()["detail"]) == (422, True), response.text
    assert (await client.get(f"/alert-rules/{rule['id']}")).json() == rule


async def test_changes_at_once_are_all_kept(client: httpx.AsyncClient, desk: Desk) -> None:
    path = f"/alert-rules/{(await made(client, desk.symbol))['id']}"
    changes = [{"name": "other"}, {"parameters": {"price": "7"}}, {"delivery": {"email": "a@example.com"}}]
    await asyncio.gather(*(client.patch(path, json=change) for change in changes))
    rule = (await client.get(path)).json()
    assert (rule["name"], rule["parameters"]["price"], rule["delivery"]["email"]) == (
        "other",
        "7",
        "a@example.com",
    )


async def test_a_deleted_rule_is_gone_for_everybody_and_stays_in_the_table(
    client: httpx.AsyncClient, desk: Desk
) -> None:
    rule = await made(client, desk.symbol, delivery={"email": "you@example.com"})
    desk.query(
        "INSERT INTO alert_deliveries (rule_id, symbol, event_time, channel, next_attempt_at)"
        " VALUES (%s, %s, now(), 'email', now() + interval '1 hour')",
        *(rule["id"], desk.symbol),
    )
    path = f"/alert-rules/{rule['id']}"
    deleted = (await client.delete(path)).json()
    assert deleted["deleted_at"] is not None
    assert deleted["updated_at"] > rule["updated_at"]
    for answer in (
        await client.get(path),
        await client.patch(path, json={"name": "x"}),
        await client.delete(path),
        await client.post(f"{path}/test"),
    ):
        assert answer.status_code == 404
        assert answer.json()["detail"].startswith(f"There is no alert rule {rule['id']}: ")
    assert desk.query("SELECT count(*) FROM alert_rules WHERE id = %s", rule["id"]) == [{"count": 1}]
    (delivery,) = desk.deliveries(rule["id"])
    assert (delivery["status"], delivery["error"]) == ("cancelled", "the rule was deleted")


async def test_rules_are_listed_by_symbol_and_by_whether_they_are_enabled(
    client: httpx.AsyncClient, desk: Desk
) -> None:
    rules = [await made(client, desk.symbol, is_enabled=on) for on in (True, False, True)]

    async def listed(**parameters: Any) -> list[int]:
        response = await client.get("/alert-rules", params={"symbol": desk.symbol, **parameters})
        return [rule["id"] for rule in response.json()]

    first, second, third = (rule["id"] for rule in rules)
    assert await listed() == [third, second, first]
    assert await listed(enabled=True) == [third, first]
    assert await listed(enabled=False) == [second]
    assert await listed(limit=1) == [third]


async def test_what_has_fired_is_listed_page_by_page_with_its_deliveries(
    client: httpx.AsyncClient, desk: Desk
) -> None:
    rule, other = desk.rule(email="you@example.com"), desk.rule()
    desk.fire(rule, 5)
    desk.fire(other, 5)
    pages, path = [], f"/alert-events?symbol={desk.symbol}&limit=3"
    while path:
        response = await client.get(path)
        pages.append([(event["event_time"], event["rule_id"]) for event in response.json()])
        path = response.links.get("next", {}).get("url", "")
    assert [len(page) for page in pages] == [3, 3, 3, 1]
    fired = [f"2025-03-04T12:00:0{second}Z" for second in range(5)]
    assert list(chain(*pages)) == sorted(
        ((time, one) for time in fired for one in (rule, other)), reverse=True
    )

    parameters: dict[str, Any] = {"rule_id": rule, "since": fired[3]}
    found = (await client.get("/alert-events", params=parameters)).json()
    assert [event["event_time"] for event in found] == [fired[4], fired[3]]
    assert (found[0]["message"], found[0]["value"]) == ("rose to 7, time 4", 7)
    (delivery,) = found[0]["deliveries"]
    assert (delivery["channel"], delivery["is_test"]) == ("email", False)


async def test_a_rule_without_a_channel_has_nothing_to_test(client: httpx.AsyncClient, desk: Desk) -> None:
    rule = await made(client, desk.symbol)
    response = await client.post(f"/alert-rules/{rule['id']}/test")
    assert response.status_code == 409
    assert f"PATCH /alert-rules/{rule['id']} first" in response.json()["detail"]


@pytest.mark.parametrize(
    "path", ["/alert-rules", "/alert-rules/1", "/alert-events", "/alert-events?cursor=9999999999999999.1"]
)
async def test_while_the_database_is_away_that_is_said(serve: Serve, path: str) -> None:
    async with serve(postgres_port=1) as client:
        response = await client.get(path)
    assert response.status_code == 503
    assert "The database, which holds the alerts, is away" in response.json()["detail"]


async def test_a_rule_lives_its_life_from_the_shell(desk: Desk, candlewick: Shell) -> None:
    async def told(*arguments: str) -> Any:
        outcome = await candlewick("alerts", *arguments)
        assert (outcome.code, outcome.notes) == (0, "")
        return outcome.document

    rule = await told(
        *("create", "indicator_threshold", desk.symbol, "indicator=rsi_14", "threshold=70", "hysteresis=2"),
        *("--interval", "1h", "--webhook", "http://127.0.0.1:1/"),
    )
    number = str(rule["id"])
    assert rule["parameters"] == {
        "indicator": "rsi_14",
        "threshold": 70,
        "direction": "both",
        "hysteresis": 2,
    }
    assert rule["name"] == f"indicator threshold of {desk.symbol}"
    changed = await told("update", number, "threshold=75.5", "hysteresis=", "--name", "hot", "--no-webhook")
    assert changed["parameters"] == rule["parameters"] | {"threshold": 75.5, "hysteresis": 0}
    assert (changed["name"], changed["delivery"]["webhook"]) == ("hot", None)
    assert (await told("disable", number))["is_enabled"] is False
    assert await told("list", "--symbol", desk.symbol, "--disabled") == [await told("show", number)]
    assert (await told("enable", number))["is_enabled"] is True
    desk.fire(rule["id"])
    assert [event["message"] for event in await told("events", "--rule", number)] == ["rose to 7, time 0"]
    assert (await told("delete", number))["deleted_at"] is not None
    gone = await candlewick("alerts", "show", number)
    assert (gone.code, gone.output) == (1, "")
    assert f"There is no alert rule {number}" in gone.notes


async def test_a_person_sees_tables_and_whether_a_test_arrived(desk: Desk, candlewick: Shell) -> None:
    number = str(desk.rule(webhook="http://127.0.0.1:1/"))
    desk.fire(int(number))
    for arguments, words in (
        (("list", "--symbol", desk.symbol), ("Values", "price_cross", "price 7", "yes")),
        (("show", number), ("Webhook", "http://127.0.0.1:1/")),
        (("events", "--rule", number), ("Message", "rose to 7")),
        (("disable", number), (f"Rule {number} is disabled.",)),
    ):
        shown = await candlewick.on_a_terminal("alerts", *arguments)
        assert (shown.code, [word for word in words if word not in shown.output]) == (0, []), shown.output
    failed = await candlewick.on_a_terminal("alerts", "test", number)
    assert (failed.code, "dead" in failed.output, "cannot be reached" in failed.output) == (1, True, True)
