"""Why there is no connection to the broker is said in a clause that names the setting to look at."""

from __future__ import annotations

import asyncio
import ssl
import uuid
from dataclasses import replace

import pytest
from aio_pika.exceptions import CONNECTION_EXCEPTIONS

from producer.broker import BrokerAddress, connection_fault
from tests.integration.producer.broker import Broker
from tests.stack import RunningStack, free_ports


async def fault_of(address: BrokerAddress) -> str:
    with pytest.raises(CONNECTION_EXCEPTIONS) as failure:
        await address.connect()
    return connection_fault(failure.value)


async def test_a_virtual_host_that_does_not_exist(broker: Broker) -> None:
    fault = await fault_of(replace(broker.address, virtual_host="nowhere"))
    assert fault == "the virtual host is missing or closed to user 'producer', check RABBITMQ_VHOST"


async def test_a_virtual_host_that_the_user_has_no_right_to(broker: Broker) -> None:
    name = f"closed-{uuid.uuid4()}"
    (await broker.admin.put(f"/vhosts/{name}")).raise_for_status()
    fault = await fault_of(replace(broker.address, virtual_host=name))
    (await broker.admin.delete(f"/vhosts/{name}")).raise_for_status()
    assert fault == "the virtual host is missing or closed to user 'producer', check RABBITMQ_VHOST"


async def test_a_wrong_password(broker: Broker) -> None:
    fault = await fault_of(replace(broker.address, password="sesame"))
    assert fault == "the log-in of user 'producer' was refused, check RABBITMQ_PRODUCER_PASSWORD"


async def test_a_port_that_nobody_listens_on(broker: Broker) -> None:
    fault = await fault_of(replace(broker.address, port=free_ports(1)[0]))
    assert fault == "nobody listens there, check that RabbitMQ runs, RABBITMQ_HOST and RABBITMQ_PORT"


async def test_a_host_that_does_not_exist(broker: Broker) -> None:
    fault = await fault_of(replace(broker.address, host="nowhere.invalid"))
    assert fault == "there is no such host, check RABBITMQ_HOST"


async def test_the_port_of_another_server(broker: Broker, stack: RunningStack) -> None:
    fault = await fault_of(replace(broker.address, port=int(stack.env["POSTGRES_PORT"])))
    assert fault.startswith("who listens there hung up before speaking AMQP")
    assert "RABBITMQ_PORT" in fault


async def test_a_port_that_wants_tls(broker: Broker) -> None:
    async with await asyncio.start_server(
        lambda *_: None, "127.0.0.1", 0, ssl=ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ) as server:
        fault = await fault_of(replace(broker.address, port=server.sockets[0].getsockname()[1]))
    assert fault.startswith("who listens there hung up before speaking AMQP")


async def test_a_server_that_says_nothing(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("producer.broker.CONNECT_TIMEOUT_SECONDS", 0.2)
    over = asyncio.Event()

    async def say_nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as server:
        fault = await fault_of(replace(broker.address, port=server.sockets[0].getsockname()[1]))
        over.set()
    assert fault == "no answer in time"
