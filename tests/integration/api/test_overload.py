"""When the database is slow, busy or away: 503, and the time after which to try again."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest

from api.settings import ApiSettings
from db.settings import DatabaseSettings
from tests.integration.api.database import MONDAY, Market
from tests.integration.api.serving import served
from tests.stack import free_ports


@contextmanager
def locked(market: Market, table: str) -> Iterator[None]:
    """Nobody reads a table meanwhile."""
    market.owner.autocommit = False
    try:
        with market.owner.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield
    finally:
        market.owner.rollback()
        market.owner.autocommit = True


@pytest.fixture(scope="module")
def narrow(
    settings: ApiSettings, database_settings: DatabaseSettings, market: Market
) -> Iterator[httpx.Client]:
    """A read API of one connection, whose queries may take 4 s."""
    market.asset("SLOW")
    market.candle("SLOW", MONDAY, 1)
    changes = {"api_pool_size": 1, "api_query_seconds": 4.0}
    with (
        served(settings.model_copy(update=changes), database_settings) as address,
        httpx.Client(base_url=f"{address}/api/v1", timeout=30) as client,
    ):
        yield client


def test_a_query_that_takes_too_long_and_a_pool_that_is_empty_are_told(
    narrow: httpx.Client, market: Market
) -> None:
    with locked(market, "data_sources"), ThreadPoolExecutor() as threads:
        answers = [threads.submit(narrow.get, "/sources").result for _ in range(2)]
        details = sorted(answer().json()["detail"] for answer in answers)
        assert [answer().status_code for answer in answers] == [503, 503]
        assert all(int(answer().headers["retry-after"]) > 0 for answer in answers)
    assert "API_POOL_SIZE" in details[0]
    assert "API_QUERY_SECONDS" in details[1]
    assert narrow.get("/sources").status_code == 200


def test_a_database_that_is_away_is_told_without_any_password(
    settings: ApiSettings, database_settings: DatabaseSettings
) -> None:
    (port,) = free_ports(1)
    gone = database_settings.model_copy(update={"postgres_port": port})
    with served(settings, gone) as address, httpx.Client(base_url=f"{address}/api/v1", timeout=30) as client:
        for path in ("/assets", "/health"):
            answer = client.get(path)
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) > 0
            assert answer.json()["title"] == "The database is away"
            assert database_settings.password("market_reader") not in answer.text
        status = client.get("/status").json()
    assert status["database"]["state"] == "unavailable"
    assert status["broker"]["state"] == "available"
