"""Connections to the broker that do not come about."""

from __future__ import annotations

import asyncio
import gc
import warnings

import pytest
from aio_pika.exceptions import CONNECTION_EXCEPTIONS

from producer.broker import BrokerAddress
from tests.stack import free_ports


def test_a_connection_that_never_came_about_leaves_no_coroutine_behind() -> None:
    (port,) = free_ports(1)
    address = BrokerAddress("127.0.0.1", port, "market", "producer", "sesame")

    async def connect() -> None:
        with pytest.raises(CONNECTION_EXCEPTIONS):
            await address.connect()

    with asyncio.Runner() as runner:
        runner.run(connect())
        with warnings.catch_warnings(record=True) as left_behind:
            warnings.simplefilter("always")
            gc.collect()
    assert [str(warning.message) for warning in left_behind] == []
