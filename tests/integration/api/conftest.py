from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from api.settings import ApiSettings
from db.settings import DatabaseSettings
from tests.integration.api.database import Market, own_database
from tests.integration.api.serving import served
from tests.stack import RunningStack

ANSWER_SECONDS = 30.0


@pytest.fixture(scope="session")
def database_settings(stack: RunningStack) -> Iterator[DatabaseSettings]:
    with own_database(stack) as settings:
        yield settings


@pytest.fixture(scope="session")
def market(database_settings: DatabaseSettings) -> Iterator[Market]:
    """What writes into the tests' database; two sources are there already."""
    market = Market(database_settings)
    market.source("coinbase", "live")
    market.source("simulator", "simulated")
    yield market
    market.close()


@pytest.fixture(scope="session")
def settings(stack: RunningStack) -> ApiSettings:
    return ApiSettings(
        flink_host=stack.env["FLINK_HOST"],
        flink_rest_port=int(stack.env["FLINK_REST_PORT"]),
        rabbitmq_host=stack.env["RABBITMQ_HOST"],
        rabbitmq_prometheus_port=int(stack.env["RABBITMQ_PROMETHEUS_PORT"]),
        rabbitmq_vhost=stack.env["RABBITMQ_VHOST"],
    )


@pytest.fixture(scope="session")
def address(settings: ApiSettings, database_settings: DatabaseSettings, market: Market) -> Iterator[str]:
    """Where the read API is served."""
    with served(settings, database_settings) as address:
        yield address


@pytest.fixture(scope="session")
def api(address: str) -> Iterator[httpx.Client]:
    """A client of it."""
    with httpx.Client(base_url=f"{address}/api/v1", timeout=ANSWER_SECONDS) as client:
        yield client
