"""Who may read: everybody on this machine; elsewhere whoever has a key."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import httpx
import psycopg2
import pytest

from api.settings import ApiSettings
from db.settings import DatabaseSettings
from tests.integration.api.database import Market, connect
from tests.integration.api.serving import served


@dataclass(frozen=True)
class Key:
    id: int
    secret: str

    @property
    def text(self) -> str:
        return f"candlewick_{self.id}_{self.secret}"


@pytest.fixture(scope="module")
def guarded(
    settings: ApiSettings, database_settings: DatabaseSettings, market: Market
) -> Iterator[httpx.Client]:
    """The read API as it is where others can reach it; it is served on loopback all the same."""
    exposed = settings.model_copy(update={"api_host": "0.0.0.0"})  # noqa: S104
    with (
        served(exposed, database_settings) as address,
        httpx.Client(base_url=f"{address}/api/v1") as client,
    ):
        yield client


@pytest.fixture
def key(market: Market) -> Key:
    secret = secrets.token_urlsafe(32)
    with market.owner.cursor() as cursor:
        cursor.execute(
            "INSERT INTO api_keys (name, scope, secret_hash) VALUES (%s, 'read', %s) RETURNING id",
            (secret[:8], hashlib.sha256(secret.encode()).hexdigest()),
        )
        (number,) = cursor.fetchone()  # type: ignore[misc]
    return Key(number, secret)


def test_on_this_machine_reading_needs_no_key(api: httpx.Client) -> None:
    assert api.get("/assets").status_code == 200


def test_elsewhere_a_key_is_asked_for_with_the_way_to_get_one(guarded: httpx.Client) -> None:
    answer = guarded.get("/assets")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "ApiKey"
    assert "POST /keys" in answer.json()["detail"]


def test_health_is_open_to_all(guarded: httpx.Client) -> None:
    assert guarded.get("/health").json() == {"status": "ok", "database": "connected"}


def test_a_key_of_the_producer_lets_in_and_its_use_is_noted(
    guarded: httpx.Client, key: Key, market: Market
) -> None:
    assert guarded.get("/assets", headers={"X-API-Key": key.text}).status_code == 200
    with market.owner.cursor() as cursor:
        cursor.execute("SELECT last_used_at IS NOT NULL FROM api_keys WHERE id = %s", (key.id,))
        assert cursor.fetchone() == (True,)


def test_a_wrong_a_malformed_and_a_revoked_key_do_not(
    guarded: httpx.Client, key: Key, market: Market
) -> None:
    with market.owner.cursor() as cursor:
        cursor.execute("UPDATE api_keys SET revoked_at = now() WHERE id = %s", (key.id,))
    for text in (key.text, f"candlewick_{key.id}_{secrets.token_urlsafe(32)}", "sesame"):
        answer = guarded.get("/assets", headers={"X-API-Key": text})
        assert answer.status_code == 401
        assert "wrong or revoked" in answer.json()["detail"]
        assert text not in answer.text


def test_the_reader_recognises_a_key_and_sees_nothing_of_it(
    database_settings: DatabaseSettings, key: Key
) -> None:
    with closing(connect(database_settings, "market_reader")) as reader, reader.cursor() as cursor:
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("SELECT * FROM api_keys")
        cursor.execute("SET default_transaction_read_only = off")
        cursor.execute("SELECT api_key_holder(%s, %s)", (key.id, "0" * 64))
        assert cursor.fetchone() == (None,)


def test_no_other_site_may_read_in_a_browser(api: httpx.Client) -> None:
    answer = api.get("/assets", headers={"Origin": "https://somewhere.example"})
    assert "access-control-allow-origin" not in answer.headers


def test_nothing_can_be_changed(api: httpx.Client) -> None:
    answer = api.post("/assets")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert answer.headers["content-type"] == "application/problem+json"
