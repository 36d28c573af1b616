"""API keys: made, scoped, rotated and revoked while the producer serves, and held to a limit."""

from __future__ import annotations

import hashlib
import logging
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from tests.integration.producer.conftest import KEY, Serve
from tests.stack import RunningStack

CHANGE = "/feeds/simulator/stop"
EXPOSED = "0.0.0.0"  # noqa: S104 -- what is served in these tests is bound to nothing


@pytest.fixture
async def client(serve: Serve) -> AsyncIterator[httpx.AsyncClient]:
    async with serve() as client:
        yield client


async def made(client: httpx.AsyncClient, scope: str) -> dict[str, Any]:
    """A key of this scope, with a name that no other has."""
    response = await client.post("/keys", json={"name": f"key-{uuid.uuid4()}", "scope": scope}, headers=KEY)
    assert response.status_code == 201, response.text
    key: dict[str, Any] = response.json()
    return key


async def asked(client: httpx.AsyncClient, method: str, path: str, key: dict[str, Any]) -> int:
    response = await client.request(method, path, headers={"X-API-Key": key["key"]})
    return response.status_code


@pytest.mark.parametrize(
    ("scope", "may_control", "may_administer"),
    [("read", False, False), ("control", True, False), ("admin", True, True)],
)
async def test_a_scope_may_do_what_the_smaller_ones_may(
    client: httpx.AsyncClient, scope: str, may_control: bool, may_administer: bool
) -> None:
    key = await made(client, scope)
    assert await asked(client, "POST", CHANGE, key) == (200 if may_control else 403)
    assert await asked(client, "GET", "/keys", key) == (200 if may_administer else 403)


async def test_a_scope_that_is_too_small_is_named_with_the_one_that_is_needed(
    client: httpx.AsyncClient,
) -> None:
    key = await made(client, "read")
    response = await client.post(CHANGE, headers={"X-API-Key": key["key"]})
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["title"] == "The API key may not do this"
    assert response.json()["detail"] == (
        f"The API key {key['name']!r} has the scope read, and this needs control: use another, or make one "
        f"with POST /keys."
    )


async def test_of_a_key_the_database_holds_nothing_but_the_hash_of_its_secret(
    client: httpx.AsyncClient, stack: RunningStack
) -> None:
    key = await made(client, "control")
    secret = key["key"].removeprefix(f"candlewick_{key['id']}_")
    connection = stack.psycopg("market_writer")
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(api_keys)::text FROM api_keys WHERE id = %s", (key["id"],))
        (row,) = cursor.fetchone() or ("",)
    connection.close()
    assert secret not in row
    assert hashlib.sha256(secret.encode()).hexdigest() in row


async def test_a_key_is_listed_without_its_secret_and_with_its_last_use(client: httpx.AsyncClient) -> None:
    key = await made(client, "control")

    async def listed() -> dict[str, Any]:
        response = await client.get("/keys", headers=KEY)
        assert key["key"] not in response.text
        (found,) = (one for one in response.json() if one["id"] == key["id"])
        return dict(found)

    expected = {name: value for name, value in key.items() if name != "key"}
    assert await listed() == expected
    assert expected["last_used_at"] is None
    await asked(client, "POST", CHANGE, key)
    assert (await listed())["last_used_at"] is not None


async def test_a_revoked_key_ends_at_once_and_stays_in_the_list(client: httpx.AsyncClient) -> None:
    key = await made(client, "control")
    revoked = await client.delete(f"/keys/{key['id']}", headers=KEY)
    assert revoked.json()["revoked_at"] is not None
    assert await asked(client, "POST", CHANGE, key) == 401
    assert revoked.json() in (await client.get("/keys", headers=KEY)).json()
    for change in ("DELETE", f"/keys/{key['id']}"), ("POST", f"/keys/{key['id']}/rotate"):
        assert (await client.request(*change, headers=KEY)).status_code == 404


async def test_a_rotated_key_keeps_its_name_and_scope_and_its_old_secret_ends(
    client: httpx.AsyncClient,
) -> None:
    key = await made(client, "control")
    response = await client.post(f"/keys/{key['id']}/rotate", headers=KEY)
    assert response.headers["cache-control"] == "no-store"
    rotated = response.json()
    assert [rotated[name] for name in ("id", "name", "scope")] == [
        key[name] for name in ("id", "name", "scope")
    ]
    assert rotated["rotated_at"] is not None
    assert await asked(client, "POST", CHANGE, key) == 401
    assert await asked(client, "POST", CHANGE, rotated) == 200


async def test_a_name_is_free_again_when_its_key_is_revoked(client: httpx.AsyncClient) -> None:
    key = await made(client, "read")
    order = {"name": key["name"], "scope": "admin"}
    again = await client.post("/keys", json=order, headers=KEY)
    assert again.status_code == 409
    assert again.json()["detail"].startswith(f"There is an API key {key['name']!r} already")
    await client.delete(f"/keys/{key['id']}", headers=KEY)
    assert (await client.post("/keys", json=order, headers=KEY)).status_code == 201


async def test_a_key_with_another_keys_number_or_a_changed_secret_is_wrong(client: httpx.AsyncClient) -> None:
    one, other = await made(client, "control"), await made(client, "control")
    secret = one["key"].rsplit(f"_{one['id']}_")[-1]
    changed = one["key"][:-2] + ("AA" if one["key"][-2:] != "AA" else "BB")
    for wrong in (f"candlewick_{other['id']}_{secret}", changed, one["key"] + "A", secret):
        assert await asked(client, "POST", CHANGE, {"key": wrong}) == 401


async def test_while_the_database_is_away_only_the_key_of_the_env_file_works_and_the_refusal_says_so(
    client: httpx.AsyncClient, serve: Serve
) -> None:
    key = await made(client, "admin")
    async with serve(postgres_port=1) as lonely:
        assert (await lonely.post(CHANGE, headers=KEY)).status_code == 200
        response = await lonely.post(CHANGE, headers={"X-API-Key": key["key"]})
        assert response.status_code == 503
        assert response.json()["title"] == "The database is away"
        assert "PRODUCER_API_KEY of the env file is the only key that works" in response.json()["detail"]


async def test_keys_made_before_work_where_no_key_is_in_the_env_file(
    client: httpx.AsyncClient, serve: Serve
) -> None:
    key = await made(client, "control")
    async with serve(producer_api_key=SecretStr("")) as keyless:
        assert await asked(keyless, "POST", CHANGE, key) == 200


async def test_a_key_that_changes_too_often_is_told_when_to_go_on_and_others_are_not_held_up(
    serve: Serve,
) -> None:
    async with serve(producer_changes_per_minute=3) as client:
        key = await made(client, "control")
        assert [await asked(client, "POST", CHANGE, key) for _ in range(4)] == [200, 200, 200, 429]
        response = await client.post(CHANGE, headers={"X-API-Key": key["key"]})
        assert response.headers["content-type"] == "application/problem+json"
        assert 1 <= int(response.headers["retry-after"]) <= 60
        assert f"The API key {key['name']!r} has changed something 3 times" in response.json()["detail"]
        assert (await client.post(CHANGE, headers=KEY)).status_code == 200
        assert (await client.get("/feeds")).status_code == 200


async def test_a_client_that_tries_keys_is_stopped_and_the_key_of_the_env_file_still_works(
    serve: Serve,
) -> None:
    async with serve(producer_changes_per_minute=3) as client:
        wrong = {"key": "candlewick_1_" + "x" * 43}
        assert [await asked(client, "POST", CHANGE, wrong) for _ in range(4)] == [401, 401, 401, 429]
        assert (await client.post(CHANGE, headers=KEY)).status_code == 200


async def test_the_log_says_which_key_changed_something_and_never_shows_one(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    key = await made(client, "control")
    await asked(client, "POST", CHANGE, key)
    await asked(client, "POST", CHANGE, {"key": key["key"] + "A"})
    rotated = (await client.post(f"/keys/{key['id']}/rotate", headers=KEY)).json()
    assert f"POST '{CHANGE}' with the API key '{key['name']}'" in caplog.text
    for text in (key["key"], rotated["key"]):
        assert text[-43:] not in caplog.text


FILLED = {
    "name": "simulator",
    "run_id": 1,
    "key_id": 1,
    "job": "fill-gaps",
    "provider": "simulator",
    "symbol": "X.SIM",
    "rule_id": 1,
}


async def operations(client: httpx.AsyncClient) -> list[tuple[str, str]]:
    paths = (await client.get("/openapi.json")).json()["paths"]
    return [(method.upper(), path) for path, methods in paths.items() for method in methods]


async def test_everything_that_changes_something_and_the_keys_refuse_who_has_no_key(
    client: httpx.AsyncClient,
) -> None:
    open_to_all = {
        (method, path)
        for method, path in await operations(client)
        if (await client.request(method, path.format(**FILLED))).status_code != 401
    }
    assert {method for method, _ in open_to_all} == {"GET"}
    assert ("GET", "/keys") not in open_to_all
    assert ("GET", "/runs") in open_to_all


@pytest.mark.parametrize("host", [EXPOSED, "192.0.2.7", "::", "producer.example"])
async def test_beyond_this_machine_nothing_but_the_health_is_told_without_a_key(
    serve: Serve, host: str
) -> None:
    async with serve(producer_host=host) as client:
        key = await made(client, "read")
        for method, path in await operations(client):
            response = await client.request(method, path.format(**FILLED))
            assert (path, response.status_code == 401) == (path, path != "/health")
        for path in ("/feeds", "/symbols", "/providers", "/runs", "/gaps"):
            assert await asked(client, "GET", path, key) == 200
        assert await asked(client, "POST", CHANGE, key) == 403


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "::1", "localhost"])
async def test_on_this_machine_reading_needs_no_key(serve: Serve, host: str) -> None:
    async with serve(producer_host=host) as client:
        assert (await client.get("/feeds")).status_code == 200
