"""The queues are declared as agreed, again and again, and never silently otherwise."""

from __future__ import annotations

from dataclasses import replace

import pytest

from producer.errors import TopologyMismatchError
from producer.publisher import BrokerState
from tests.integration.producer.broker import TOPOLOGY, Broker
from tests.integration.producer.conftest import StartPublisher
from tests.integration.producer.market import made
from tests.integration.producer.waiting import until


async def test_declaring_twice_leaves_durable_streams_with_the_agreed_retention(broker: Broker) -> None:
    async with await broker.address.connect() as connection:
        await TOPOLOGY.declare(connection)
        await TOPOLOGY.declare(connection)
    queue = await broker.queue("market.events.2")
    assert queue["durable"] is True
    assert queue["arguments"] == {
        "x-queue-type": "stream",
        "x-max-age": "7D",
        "x-max-length-bytes": 20_000_000_000,
        "x-stream-max-segment-size-bytes": 100_000_000,
    }


@pytest.mark.parametrize("name", ["market.dead-letters", "market.bars", "market.alerts"])
async def test_dead_letters_bars_and_alerts_are_durable_quorum_queues(broker: Broker, name: str) -> None:
    async with await broker.address.connect() as connection:
        await TOPOLOGY.declare(connection)
    queue = await broker.queue(name)
    assert (queue["durable"], queue["arguments"]) == (True, {"x-queue-type": "quorum"})


async def test_a_queue_with_other_arguments_is_refused_with_its_name_and_the_way_out(broker: Broker) -> None:
    async with await broker.address.connect() as connection:
        await TOPOLOGY.declare(connection)
        with pytest.raises(TopologyMismatchError) as refusal:
            await replace(TOPOLOGY, retention_age="1D").declare(connection)
    for part in ("'market.events.0'", "x-max-age", "EVENTS_RETENTION_AGE", "delete the queue"):
        assert part in str(refusal.value)


async def test_a_refused_publisher_says_so_and_goes_on_when_the_queue_is_gone(
    broker: Broker, start_publisher: StartPublisher
) -> None:
    async with await broker.address.connect() as connection:
        await replace(TOPOLOGY, shards=1, retention_age="1D").declare(connection)
    publisher = await start_publisher(connected=False)
    await until(lambda: publisher.state == BrokerState.REFUSED, "the publisher is refused")
    assert "market.events.0" in publisher.detail
    await publisher.publish(made("A", range(10)))
    await broker.delete_queue("market.events.0")
    await publisher.flush(90)
    assert publisher.confirmed_events["A"] == 10
