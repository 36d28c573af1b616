"""The requests that the documentation shows, sent by curl as they stand there."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from db.settings import DatabaseSettings
from producer.api.app import create_app
from producer.settings import ProducerSettings
from tests.documents import commands, words
from tests.integration.producer.alerting import Desk
from tests.integration.producer.json_server import TICKER, JsonServer
from tests.integration.producer.listening import listening
from tests.integration.producer.waiting import WAIT_SECONDS

KEY = "sesame"
SENT = {
    "GET /feeds",
    "POST /feeds/simulator/start",
    "POST /fetch-data",
    "POST /backfill",
    "GET /keys",
    "POST /keys",
    "POST /keys/$ID/rotate",
    "GET /schedule",
    "POST /schedule/fill-gaps/run",
    "DELETE /keys/$ID",
    "POST /alert-rules",
    "PATCH /alert-rules/$ID",
    "POST /alert-rules/$ID/test",
    "GET /alert-events?limit=5",
    "GET /dead-letters?limit=5",
    "POST /dead-letters/requeue",
}


@pytest.fixture
async def address(settings: ProducerSettings, database_settings: DatabaseSettings) -> AsyncIterator[str]:
    """Where the producer is served, with a Coinbase that knows BTC-USD."""
    async with JsonServer({"/products/BTC-USD/ticker": TICKER}.get) as exchange:
        changes = {"producer_api_key": SecretStr(KEY), "coinbase_rest_url": exchange.url}
        app = create_app(settings.model_copy(update=changes), database_settings)
        async with listening(app) as address:
            yield address


async def curl(address: str, request: str, **variables: str) -> Any:
    """Send the one documented request with this method, unless it is GET, and path."""
    (command,) = (command for command in documented() if request_of(command) == request)
    process = await asyncio.create_subprocess_shell(
        command.replace("localhost:8000", address),
        env={"PRODUCER_API_KEY": KEY, **variables},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    output, _ = await process.communicate()
    return json.loads(output)


def documented() -> list[str]:
    return [command for command in commands("curl") if "localhost:8000" in command]


def request_of(command: str) -> str:
    options = words(command)
    method = options[options.index("-X") + 1] if "-X" in options else "GET"
    (path,) = (word.removeprefix("localhost:8000") for word in options if word.startswith("localhost:"))
    return f"{method} {path}"


async def test_the_requests_of_the_documentation_are_answered(address: str) -> None:
    assert "simulator" in (await curl(address, "GET /feeds"))["feeds"]
    assert (await curl(address, "POST /feeds/simulator/start"))["changed"] is True
    assert (await curl(address, "POST /fetch-data"))["confirmed_events"] == 1
    assert (await curl(address, "POST /backfill"))["kind"] == "backfill"
    assert (await curl(address, "GET /dead-letters?limit=5")) == {"total": 0, "letters": []}
    assert (await curl(address, "POST /dead-letters/requeue")) == {"requeued": 0, "stranded": 0}


async def test_the_documented_requests_of_the_schedule_are_answered(address: str) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        while isinstance(jobs := await curl(address, "GET /schedule"), dict):
            await asyncio.sleep(0.05)  # a problem as long as the schedule has not begun
    assert "fill-gaps" in {job["name"] for job in jobs}
    assert (await curl(address, "POST /schedule/fill-gaps/run"))["name"] == "fill-gaps"


async def test_the_documented_life_of_a_key_is_as_it_stands_there(address: str) -> None:
    made = await curl(address, "POST /keys")
    number = str(made["id"])
    assert made["key"].startswith(f"candlewick_{number}_")
    assert made["id"] in [key["id"] for key in await curl(address, "GET /keys")]
    assert (await curl(address, "POST /keys/$ID/rotate", ID=number))["rotated_at"] is not None
    assert (await curl(address, "DELETE /keys/$ID", ID=number))["revoked_at"] is not None


@pytest.fixture
def followed(desk: Desk) -> Iterator[None]:
    """The symbol of the documentation, which is followed at least while the test lasts."""
    desk.query(
        "INSERT INTO data_sources (name, kind, description) VALUES ('test', 'history', 'A test')"
        " ON CONFLICT DO NOTHING"
    )
    added = desk.query(
        "INSERT INTO assets (symbol, asset_class, source) VALUES ('BTC-USD', 'crypto', 'test')"
        " ON CONFLICT (symbol) WHERE deleted_at IS NULL DO NOTHING RETURNING id"
    )
    yield
    desk.query("DELETE FROM assets WHERE id = ANY(%s)", [row["id"] for row in added])


@pytest.mark.usefixtures("followed")
async def test_the_documented_life_of_an_alert_rule_is_as_it_stands_there(address: str, desk: Desk) -> None:
    rule = await curl(address, "POST /alert-rules")
    number = str(rule["id"])
    assert (rule["parameters"]["price"], rule["is_enabled"]) == ("65000", True)
    assert (await curl(address, "PATCH /alert-rules/$ID", ID=number))["parameters"]["price"] == "66000"
    desk.query(
        """UPDATE alert_rules SET delivery = '{"webhook": "http://127.0.0.1:1/"}' WHERE id = %s""", number
    )
    assert [one["channel"] for one in await curl(address, "POST /alert-rules/$ID/test", ID=number)] == [
        "webhook"
    ]
    assert isinstance(await curl(address, "GET /alert-events?limit=5"), list)
    desk.query("UPDATE alert_rules SET deleted_at = now() WHERE id = %s", number)


def test_every_request_of_the_documentation_is_sent_here() -> None:
    assert set(map(request_of, documented())) == SENT
