"""Dead letters over the producer's API."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import SecretStr

from db.settings import DatabaseSettings
from producer.api.app import create_app
from producer.settings import ProducerSettings
from tests.integration.dead_letters.market import WAIT_SECONDS, Market, body_of, headers_of
from tests.stack import RunningStack

KEY = "sesame"


@pytest.fixture
async def client(stack: RunningStack, market: Market) -> AsyncIterator[httpx.AsyncClient]:
    environment = {name.lower(): value for name, value in market.environment.items()}
    settings = ProducerSettings.model_validate({**environment, "feeds": "none"})
    settings = settings.model_copy(update={"producer_api_key": SecretStr(KEY)})
    app = create_app(settings, DatabaseSettings.model_validate(environment))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1", timeout=WAIT_SECONDS, headers={"X-API-Key": KEY}
        ) as client,
    ):
        yield client


async def test_letters_are_listed_oldest_first_and_stay(client: httpx.AsyncClient, market: Market) -> None:
    await market.reject_events(3)
    for _ in range(2):
        answer = (await client.get("/dead-letters", params={"limit": 2})).json()
        assert answer["total"] == 3
        assert [letter["source_offset"] for letter in answer["letters"]] == [0, 1]
    assert await market.letters_left() == 3


async def test_a_letter_is_shown_whole_by_its_number_and_its_id(
    client: httpx.AsyncClient, market: Market
) -> None:
    await market.reject_events(2)
    (by_number,) = (await client.get("/dead-letters/opened", params={"letter": "2"})).json()
    (by_id,) = (await client.get("/dead-letters/opened", params={"letter": by_number["id"]})).json()
    for opened in (by_number, by_id):
        assert (opened["number"], opened["body"]) == (2, body_of(1).decode())
        assert opened["headers"]["x-source-offset"] == 1


async def test_what_is_no_text_is_shown_in_base64(client: httpx.AsyncClient, market: Market) -> None:
    await market.reject(b"\xff", headers_of(1))
    (letter,) = (await client.get("/dead-letters/opened", params={"letter": "1"})).json()
    assert (letter["body"], letter["body_base64"]) == (None, "/w==")


async def test_chosen_letters_are_requeued_and_the_others_purged(
    client: httpx.AsyncClient, market: Market
) -> None:
    await market.reject_events(3)
    answer = await client.post("/dead-letters/requeue", json={"letters": ["2"]})
    assert answer.json() == {"requeued": 1, "stranded": 0}
    assert [message.body for message in await market.streamed()] == [b"[" + body_of(1) + b"]"]
    answer = await client.post("/dead-letters/purge", json={"rejected_before": "2000-01-01"})
    assert answer.json() == {"purged": 0}
    assert (await client.post("/dead-letters/purge", json={"everything": True})).json() == {"purged": 2}
    assert await market.letters_left() == 0


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ({}, "Say which dead letters"),
        ({"everything": True, "letters": ["1"]}, "everything contradicts"),
        ({"letters": ["0"]}, "There is no dead letter 0"),
    ],
)
@pytest.mark.parametrize("action", ["requeue", "purge"])
async def test_a_choice_that_says_nothing_or_contradicts_itself_changes_nothing(
    client: httpx.AsyncClient, market: Market, action: str, choice: dict[str, object], sentence: str
) -> None:
    await market.reject_events(1)
    answer = await client.post(f"/dead-letters/{action}", json=choice)
    assert (answer.status_code, sentence in answer.json()["detail"]) == (422, True)
    assert await market.letters_left() == 1


async def test_an_unknown_letter_and_a_missing_key_are_told(client: httpx.AsyncClient) -> None:
    unknown = await client.get("/dead-letters/opened", params={"letter": "dl-0000000000000000"})
    assert (unknown.status_code, unknown.json()["title"]) == (404, "No such dead letter")
    assert (await client.get("/dead-letters", headers={"X-API-Key": ""})).status_code == 401
