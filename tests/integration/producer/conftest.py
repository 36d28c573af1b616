from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from db.settings import DatabaseSettings
from producer.api.app import create_app
from producer.broker import BrokerAddress
from producer.database import Database
from producer.publisher import Publisher
from producer.resume import PublishedBefore
from producer.settings import ProducerSettings
from tests.integration.producer.alerting import Desk
from tests.integration.producer.broker import TOPOLOGY, Broker
from tests.integration.producer.json_server import JsonServer, exchange_answer
from tests.integration.producer.proxy import Proxy
from tests.integration.producer.shell import Shell, serving
from tests.integration.producer.waiting import WAIT_SECONDS
from tests.stack import RunningStack

StartPublisher = Callable[..., Awaitable[Publisher]]
Serve = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]
ServeShell = Callable[..., Awaitable[Shell]]

KEY = {"X-API-Key": "sesame"}
SHELL_KEY = "open-sesame-of-the-command-line"


@pytest.fixture
async def broker(stack: RunningStack) -> AsyncIterator[Broker]:
    """A virtual host of its own: the job of the shared one would read what a test publishes."""
    name = f"producer-{uuid.uuid4()}"
    login = ("candlewick", stack.env["RABBITMQ_ADMIN_PASSWORD"])
    async with httpx.AsyncClient(
        base_url=f"{stack.management_url}/api", auth=login, timeout=WAIT_SECONDS
    ) as admin:
        (await admin.put(f"/vhosts/{name}")).raise_for_status()
        rights = {
            "configure": r"^market\..*",
            "write": r"^(market\..*|amq\.default)$",
            "read": r"^market\..*",
        }
        (await admin.put(f"/permissions/{name}/producer", json=rights)).raise_for_status()
        yield Broker(replace(BrokerAddress.from_settings(settings_of(stack)), virtual_host=name), admin)
        (await admin.delete(f"/vhosts/{name}")).raise_for_status()


@pytest.fixture
async def proxy(broker: Broker) -> AsyncIterator[Proxy]:
    proxy = Proxy(broker.address.host, broker.address.port)
    await proxy.start()
    yield proxy
    await proxy.stop()


@pytest.fixture
async def exchange() -> AsyncIterator[JsonServer]:
    async with JsonServer(exchange_answer) as server:
        yield server


@pytest.fixture
async def start_publisher(broker: Broker) -> AsyncIterator[StartPublisher]:
    """Start publishers that end with the test, connected unless the test says otherwise."""
    started: list[Publisher] = []

    async def start(*, port: int | None = None, connected: bool = True, **options: int) -> Publisher:
        address = broker.address if port is None else replace(broker.address, port=port)
        publisher = Publisher(address, TOPOLOGY, **options)
        publisher.start()
        started.append(publisher)
        if connected:
            await publisher.wait_connected(WAIT_SECONDS)
        return publisher

    yield start
    for publisher in started:
        await publisher.close(0.1)


@pytest.fixture
async def database(stack: RunningStack) -> AsyncIterator[Database]:
    database = Database(database_settings_of(stack))
    yield database
    await database.close()


@pytest.fixture
async def published_before(
    broker: Broker, start_publisher: StartPublisher, database: Database
) -> PublishedBefore:
    return PublishedBefore(broker.address, TOPOLOGY.shards, await start_publisher(), database)


@pytest.fixture
def symbol() -> str:
    """A symbol that no other test has used."""
    return f"T{uuid.uuid4().hex[:12].upper()}-USD"


@pytest.fixture
def desk(stack: RunningStack, symbol: str) -> Iterator[Desk]:
    """The tables of alerts, in which nothing of another test waits to be delivered."""
    connection = stack.psycopg("market_writer")
    desk = Desk(connection, symbol)
    desk.query("UPDATE alert_deliveries SET status = 'cancelled' WHERE status = 'pending'")
    yield desk
    connection.close()


@pytest.fixture
def settings(stack: RunningStack, broker: Broker) -> ProducerSettings:
    """The stack's settings, with a virtual host of the test's own and no feed."""
    changes = {
        "rabbitmq_vhost": broker.vhost,
        "event_shards": TOPOLOGY.shards,
        "events_retention_age": TOPOLOGY.retention_age,
        "events_retention_bytes": TOPOLOGY.retention_bytes,
        "feeds": ("none",),
    }
    return settings_of(stack).model_copy(update=changes)


@pytest.fixture
def database_settings(stack: RunningStack) -> DatabaseSettings:
    return database_settings_of(stack)


@pytest.fixture
def serve(settings: ProducerSettings, database_settings: DatabaseSettings) -> Serve:
    """Serve the application with changed settings."""

    @asynccontextmanager
    async def serve(**changes: object) -> AsyncIterator[httpx.AsyncClient]:
        database = database_settings
        if "postgres_port" in changes:
            database = database.model_copy(update={"postgres_port": changes.pop("postgres_port")})
        defaults: dict[str, object] = {"producer_api_key": SecretStr("sesame")}
        app = create_app(settings.model_copy(update=defaults | changes), database)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(
                transport=transport, base_url="http://127.0.0.1", timeout=WAIT_SECONDS
            ) as client,
        ):
            yield client

    return serve


def settings_of(stack: RunningStack) -> ProducerSettings:
    return ProducerSettings.model_validate({name.lower(): value for name, value in stack.env.items()})


def database_settings_of(stack: RunningStack) -> DatabaseSettings:
    return DatabaseSettings.model_validate({name.lower(): value for name, value in stack.env.items()})


@pytest.fixture
def candlewick(stack: RunningStack, tmp_path: Path) -> Shell:
    """The command for the stack itself, told nothing but its env file, in a folder that is not ours."""
    return Shell(stack.environment, stack.env, tmp_path)


@pytest.fixture
async def serve_shell(
    stack: RunningStack,
    broker: Broker,
    settings: ProducerSettings,
    database_settings: DatabaseSettings,
    tmp_path: Path,
) -> AsyncIterator[ServeShell]:
    """The command for a producer of the test's own, with changed settings."""
    async with AsyncExitStack() as servers:

        async def start(**changes: object) -> Shell:
            changed = settings.model_copy(update={"producer_api_key": SecretStr(SHELL_KEY), **changes})
            port = await servers.enter_async_context(serving(create_app(changed, database_settings)))
            own = {
                "PRODUCER_PORT": str(port),
                "PRODUCER_API_KEY": SHELL_KEY,
                "RABBITMQ_VHOST": broker.vhost,
                "EVENT_SHARDS": str(TOPOLOGY.shards),
                "EVENTS_RETENTION_AGE": TOPOLOGY.retention_age,
                "EVENTS_RETENTION_BYTES": str(TOPOLOGY.retention_bytes),
                "COINBASE_REST_URL": changed.coinbase_rest_url,
                # No job reads this virtual host, so that its watermark is none of ours.
                "FLINK_REST_PORT": "1",
            }
            return Shell({**stack.environment, **own}, {**stack.env, **own}, tmp_path)

        yield start
