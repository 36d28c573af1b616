from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace

import httpx
import pytest

from api.app import create_app
from api.live.settings import LiveSettings
from api.settings import ApiSettings
from db.settings import DatabaseSettings
from producer.publisher import Publisher
from tests.integration.api.live.market import Market
from tests.integration.api.live.server import RunningServer, serving
from tests.integration.producer.broker import TOPOLOGY
from tests.integration.producer.proxy import Proxy
from tests.stack import RunningStack

Serve = Callable[..., AbstractAsyncContextManager[RunningServer]]

WAIT_SECONDS = 90.0


@pytest.fixture
async def live_settings(stack: RunningStack) -> AsyncIterator[LiveSettings]:
    """A virtual host of its own: the job of the shared one would read what a test publishes."""
    name = f"live-{uuid.uuid4()}"
    login = ("candlewick", stack.env["RABBITMQ_ADMIN_PASSWORD"])
    producer = {"configure": r"^market\..*", "write": r"^(market\..*|amq\.default)$", "read": r"^market\..*"}
    reader = {"configure": "^$", "write": "^$", "read": r"^market\.events\..*"}
    settings = LiveSettings.model_validate({key.lower(): value for key, value in stack.env.items()})
    async with httpx.AsyncClient(
        base_url=f"{stack.management_url}/api", auth=login, timeout=WAIT_SECONDS
    ) as admin:
        (await admin.put(f"/vhosts/{name}")).raise_for_status()
        (await admin.put(f"/permissions/{name}/producer", json=producer)).raise_for_status()
        (await admin.put(f"/permissions/{name}/api", json=reader)).raise_for_status()
        yield settings.model_copy(update={"rabbitmq_vhost": name, "event_shards": TOPOLOGY.shards})
        (await admin.delete(f"/vhosts/{name}")).raise_for_status()


@pytest.fixture
async def publisher(stack: RunningStack, live_settings: LiveSettings) -> AsyncIterator[Publisher]:
    """The producer's, connected, so that the streams are there."""
    password = stack.env["RABBITMQ_PRODUCER_PASSWORD"]
    publisher = Publisher(replace(live_settings.broker, user="producer", password=password), TOPOLOGY)
    publisher.start()
    await publisher.wait_connected(WAIT_SECONDS)
    yield publisher
    await publisher.close(0.1)


@pytest.fixture
async def broker_proxy(live_settings: LiveSettings) -> AsyncIterator[Proxy]:
    proxy = Proxy(live_settings.rabbitmq_host, live_settings.rabbitmq_port)
    await proxy.start()
    yield proxy
    await proxy.stop()


@pytest.fixture
async def database_proxy(stack: RunningStack) -> AsyncIterator[Proxy]:
    proxy = Proxy(stack.env["POSTGRES_HOST"], int(stack.env["POSTGRES_PORT"]))
    await proxy.start()
    yield proxy
    await proxy.stop()


@pytest.fixture
def serve(stack: RunningStack, live_settings: LiveSettings, publisher: Publisher) -> Serve:
    """Serve the read API by uvicorn on a port of its own, with changed settings; ready when it is live."""
    written = {name.lower(): value for name, value in stack.env.items()}

    @asynccontextmanager
    async def serve(
        options: dict[str, object] | None = None, **changes: object
    ) -> AsyncIterator[RunningServer]:
        database = DatabaseSettings.model_validate(written)
        if "postgres_port" in changes:
            database = database.model_copy(update={"postgres_port": changes.pop("postgres_port")})
        settings = ApiSettings.model_validate(written)
        if "api_host" in changes:
            settings = settings.model_copy(update={"api_host": changes.pop("api_host")})
        app = create_app(settings, database, live_settings.model_copy(update=changes))
        async with serving(app, options or {}) as server:
            await server.until_live()
            yield server

    return serve


@pytest.fixture
def market(stack: RunningStack) -> Iterator[Market]:
    """Symbols of a test's own in the database."""
    market = Market(stack)
    yield market
    market.close()
