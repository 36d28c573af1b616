"""The requests that the documentation shows, sent by curl as they stand there."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from pydantic import SecretStr

from db.settings import DatabaseSettings
from producer.api.app import create_app
from producer.settings import ProducerSettings
from tests.documents import commands
from tests.integration.producer.json_server import TICKER, JsonServer
from tests.integration.producer.waiting import until
from tests.stack import free_ports

KEY = "sesame"


@pytest.fixture
async def address(settings: ProducerSettings, database_settings: DatabaseSettings) -> AsyncIterator[str]:
    """Where the producer is served, with a Coinbase that knows BTC-USD."""
    (port,) = free_ports(1)
    async with JsonServer({"/products/BTC-USD/ticker": TICKER}.get) as exchange:
        changes = {"producer_api_key": SecretStr(KEY), "coinbase_rest_url": exchange.url}
        app = create_app(settings.model_copy(update=changes), database_settings)
        server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, lifespan="on"))
        serving = asyncio.create_task(server.serve())
        await until(lambda: server.started, "the producer is served")
        yield f"localhost:{port}"
        server.should_exit = True
        await serving


async def curl(address: str, path: str) -> dict[str, Any]:
    (command,) = (command for command in commands("curl") if f"localhost:8000{path} " in f"{command} ")
    process = await asyncio.create_subprocess_shell(
        command.replace("localhost:8000", address),
        env={"PRODUCER_API_KEY": KEY},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    output, _ = await process.communicate()
    answer: dict[str, Any] = json.loads(output)
    return answer


async def test_the_requests_of_the_documentation_are_answered(address: str) -> None:
    assert len(commands("curl")) == 4
    assert (await curl(address, "/feeds"))["feeds"].keys() >= {"coinbase", "simulator"}
    assert (await curl(address, "/feeds/simulator/start"))["changed"] is True
    assert (await curl(address, "/fetch-data"))["confirmed_events"] == 1
    assert (await curl(address, "/backfill"))["kind"] == "backfill"
