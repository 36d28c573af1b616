"""The API does what its description says: Schemathesis asks all that it allows, and more."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from db.settings import DatabaseSettings
from producer.api.app import create_app
from producer.settings import ProducerSettings
from tests.integration.producer.json_server import TICKER, JsonServer
from tests.integration.producer.listening import listening
from tests.integration.producer.waiting import WAIT_SECONDS
from tests.stack import RunningStack

KEY = "sesame"
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")


def every_product(path: str) -> object:
    """A Coinbase that has a price of everything, and no candle."""
    return TICKER if path.endswith("/ticker") else []


async def wait_for_health(address: str) -> None:
    async with httpx.AsyncClient(timeout=WAIT_SECONDS) as client:
        while (await client.get(f"http://{address}/health")).status_code != 200:
            await asyncio.sleep(0.05)


@pytest.fixture
def kept_symbols(stack: RunningStack) -> Iterator[None]:
    """What is asked at random follows symbols, and deletes some: other tests shall see nothing of it."""
    with closing(stack.psycopg("market_owner")) as owner, owner, owner.cursor() as cursor:
        cursor.execute("CREATE TABLE kept_assets AS SELECT * FROM assets")
    yield
    with closing(stack.psycopg("market_owner")) as owner, owner, owner.cursor() as cursor:
        cursor.execute("DELETE FROM assets")
        cursor.execute("INSERT INTO assets OVERRIDING SYSTEM VALUE SELECT * FROM kept_assets")
        cursor.execute("DROP TABLE kept_assets")


@pytest.fixture
def kept_rules(stack: RunningStack) -> Iterator[None]:
    """It makes alert rules, too, which shall fire at nobody else's events."""
    yield
    with closing(stack.psycopg("market_writer")) as writer, writer, writer.cursor() as cursor:
        cursor.execute(
            "UPDATE alert_rules SET deleted_at = now(), updated_at = now() WHERE deleted_at IS NULL"
        )


@pytest.mark.timeout(180)
@pytest.mark.usefixtures("kept_symbols", "kept_rules")
async def test_schemathesis_finds_no_failure(
    settings: ProducerSettings, database_settings: DatabaseSettings, tmp_path: Path
) -> None:
    async with JsonServer(every_product) as exchange:
        changes = {
            "producer_api_key": SecretStr(KEY),
            "producer_changes_per_minute": 1_000_000,
            "coinbase_rest_url": exchange.url,
        }
        app = create_app(settings.model_copy(update=changes), database_settings)
        async with listening(app) as address:
            await asyncio.wait_for(wait_for_health(address), WAIT_SECONDS)
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION), "run"),
                f"http://{address}/openapi.json",
                *("--header", f"X-API-Key: {KEY}"),
                cwd=tmp_path,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
