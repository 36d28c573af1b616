"""No documented request reads a table of market data from end to end, however much is in it."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from api.database import Database
from api.intervals import FOLLOWED
from api.live.candles import DEEP_BUCKETS
from api.live.newest import newest_candles
from api.settings import ApiSettings
from benchmarks.query_plans import plans, recorded
from benchmarks.stored_market import Size, fill
from db.settings import DatabaseSettings
from stream_job.indicators.catalogue import VALUES
from tests.documents import commands, words
from tests.integration.api.database import connect, own_database
from tests.integration.api.serving import served_app
from tests.stack import RunningStack

SIZE = Size(symbols=60, minutes=5_000, indicator_minutes=150, snapshots=3_000, other_rows=5_000)
LARGE = "candles|indicators|snapshots|forecasts|forecast_scores|ingest_runs|gaps|alert_events"
SEQUENTIAL = re.compile(rf"Seq Scan on ({LARGE})(_\d+)?\b")
ADDRESS = "localhost:8001"


DOCUMENTED = [command for command in commands("curl") if ADDRESS in command]


def path_of(command: str) -> str:
    (address,) = (word for word in words(command) if word.startswith(ADDRESS))
    return address.removeprefix(ADDRESS)


@pytest.fixture(scope="module")
def large_database(stack: RunningStack) -> Iterator[DatabaseSettings]:
    with own_database(stack) as settings:
        with closing(connect(settings, "market_owner")) as owner:
            fill(owner, SIZE, list(VALUES))
        yield settings


@pytest.fixture(scope="module")
def large(settings: ApiSettings, large_database: DatabaseSettings) -> Iterator[tuple[FastAPI, httpx.Client]]:
    app = create_app(settings, large_database)
    with served_app(app) as address, httpx.Client(base_url=address, timeout=30) as client:
        yield app, client


@pytest.mark.parametrize("command", DOCUMENTED, ids=path_of)
async def test_a_documented_request_scans_no_large_table(
    large: tuple[FastAPI, httpx.Client], large_database: DatabaseSettings, command: str
) -> None:
    app, client = large
    with recorded(app.state.services.database.engine) as statements:
        sent = command.replace("curl ", "curl --silent --fail-with-body ").replace(
            ADDRESS, client.base_url.netloc.decode()
        )
        answer = subprocess.run(shlex.split(sent), capture_output=True, check=False)
    assert answer.returncode == 0, answer.stdout
    for plan in await plans(large_database, statements):
        assert not SEQUENTIAL.search(plan), plan


@pytest.mark.parametrize("interval", FOLLOWED)
async def test_following_candles_scans_no_large_table(
    settings: ApiSettings, large_database: DatabaseSettings, interval: str
) -> None:
    database = Database(large_database, settings)
    with recorded(database.engine) as statements:
        found = await newest_candles(database, ["AAPL", "BTC-USD"], interval, DEEP_BUCKETS)
    await database.close()
    assert [candle.symbol for candle in found] == sorted(candle.symbol for candle in found)
    assert {candle.symbol for candle in found} == {"AAPL", "BTC-USD"}
    for plan in await plans(large_database, statements):
        assert not SEQUENTIAL.search(plan), plan


async def test_a_scan_of_a_large_table_would_be_seen(
    large: tuple[FastAPI, httpx.Client], large_database: DatabaseSettings
) -> None:
    app, client = large
    with recorded(app.state.services.database.engine) as statements:
        client.get("/api/v1/candles/AAPL")
    statements.sent[:] = [("SELECT count(*) FROM candles WHERE close > 1", ())]
    (plan,) = await plans(large_database, statements)
    assert SEQUENTIAL.search(plan)


def test_every_path_of_the_api_is_documented_by_a_request(large: tuple[FastAPI, httpx.Client]) -> None:
    _, client = large
    paths = client.get("/openapi.json").json()["paths"]
    patterns = {path: re.compile(path.replace("{symbol}", "[A-Z0-9-]+") + "$") for path in paths}
    asked = {path_of(command).partition("?")[0] for command in DOCUMENTED}
    assert [path for path, pattern in patterns.items() if not any(map(pattern.match, asked))] == []
