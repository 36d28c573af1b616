from __future__ import annotations

import uuid
from collections.abc import AsyncIterator

import httpx
import pytest

from producer.broker import BrokerAddress
from producer.settings import ProducerSettings
from tests.integration.dead_letters.market import TOPOLOGY, WAIT_SECONDS, Market
from tests.stack import RunningStack


@pytest.fixture
async def vhost(stack: RunningStack) -> AsyncIterator[tuple[str, httpx.AsyncClient]]:
    """A virtual host of its own: the job of the shared one would read what a test brings back."""
    name = f"dead-letters-{uuid.uuid4()}"
    base_url = f"http://{stack.env['RABBITMQ_HOST']}:{stack.env['RABBITMQ_MANAGEMENT_PORT']}/api"
    login = ("candlewick", stack.env["RABBITMQ_ADMIN_PASSWORD"])
    async with httpx.AsyncClient(base_url=base_url, auth=login, timeout=WAIT_SECONDS) as admin:
        (await admin.put(f"/vhosts/{name}")).raise_for_status()
        rights = {
            "configure": r"^market\..*",
            "write": r"^(market\..*|amq\.default)$",
            "read": r"^market\..*",
        }
        (await admin.put(f"/permissions/{name}/producer", json=rights)).raise_for_status()
        yield name, admin
        (await admin.delete(f"/vhosts/{name}")).raise_for_status()


@pytest.fixture
async def market(stack: RunningStack, vhost: tuple[str, httpx.AsyncClient]) -> AsyncIterator[Market]:
    environment = {**stack.env, "RABBITMQ_VHOST": vhost[0], "EVENT_SHARDS": str(TOPOLOGY.shards)}
    settings = ProducerSettings.model_validate({name.lower(): value for name, value in environment.items()})
    address = BrokerAddress.from_settings(settings)
    connection = await address.connect()
    await TOPOLOGY.declare(connection)
    channel = await connection.channel(on_return_raises=True)
    yield Market(environment, address, connection, channel)
    await connection.close()
