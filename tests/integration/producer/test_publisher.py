"""What is published arrives as agreed: batched, confirmed, persistent, in order."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from producer.errors import BrokerUnavailableError
from producer.events import decode_events, heartbeat
from producer.publisher import BrokerState, Publisher
from producer.sharding import event_queue, shard_of
from tests.integration.producer.broker import TOPOLOGY, Broker
from tests.integration.producer.conftest import StartPublisher
from tests.integration.producer.market import START, made
from tests.integration.producer.waiting import until

SYMBOLS = [f"S{number}-USD" for number in range(7)]


async def test_every_event_arrives_once_in_the_order_of_its_symbol_in_its_shard(
    broker: Broker, start_publisher: StartPublisher
) -> None:
    publisher = await start_publisher()
    for start in range(0, 6_000, 400):
        for symbol in SYMBOLS:
            await publisher.publish(made(symbol, range(start, start + 400)))
    await publisher.flush(90)
    async with broker.following() as arrivals:
        await until(lambda: len(arrivals.events) >= 42_000, "all events have arrived")
        for symbol in SYMBOLS:
            assert [event.sequence for event in arrivals.of_symbol(symbol)] == list(range(6_000))
        for queue, message in arrivals.messages:
            for event in decode_events(message.body):
                assert event_queue(shard_of(event.symbol or "", TOPOLOGY.shards)) == queue
    assert publisher.confirmed_events == dict.fromkeys(SYMBOLS, 6_000)
    assert publisher.buffered_events == 0


async def test_messages_are_persistent_json_of_at_most_500_events_with_ids_of_their_own(
    broker: Broker, start_publisher: StartPublisher
) -> None:
    publisher = await start_publisher()
    await publisher.publish(made("A", range(1_234)))
    await publisher.flush(90)
    async with broker.following() as arrivals:
        await until(lambda: len(arrivals.events) == 1_234, "all events have arrived")
        messages = [message for _, message in arrivals.messages]
        assert [len(decode_events(message.body)) for message in messages] == [500, 500, 234]
        assert {(message.delivery_mode, message.content_type) for message in messages} == {
            (2, "application/json")
        }
        assert len({message.message_id for message in messages}) == 3
    assert publisher.confirmed_messages == 3


async def test_a_heartbeat_arrives_in_every_shard(broker: Broker, start_publisher: StartPublisher) -> None:
    publisher = await start_publisher()
    publisher.offer([heartbeat("venue", START, START)])
    await publisher.flush(90)
    async with broker.following() as arrivals:
        await until(lambda: len(arrivals.messages) == TOPOLOGY.shards, "each shard has its heartbeat")
        assert {queue for queue, _ in arrivals.messages} == set(TOPOLOGY.event_queues)


async def test_a_message_that_is_returned_is_not_confirmed_until_its_queue_is_there_again(
    broker: Broker, start_publisher: StartPublisher
) -> None:
    publisher = await start_publisher()
    shard = event_queue(shard_of("A", TOPOLOGY.shards))
    await broker.delete_queue(shard)
    await publisher.publish(made("A", range(900)))
    await publisher.flush(90)
    async with broker.following() as arrivals:
        await until(lambda: len(arrivals.events) >= 900, "all events have arrived")
        assert [event.sequence for event in arrivals.events] == list(range(900))


async def test_closing_delivers_what_is_left(broker: Broker, start_publisher: StartPublisher) -> None:
    publisher = await start_publisher()
    publisher.offer(made("A", range(700)))
    assert await publisher.close(90) == 0
    assert publisher.confirmed_events["A"] == 700
    assert publisher.state == BrokerState.CLOSED


async def test_a_wrong_password_is_told_without_showing_any(
    broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    publisher = Publisher(replace(broker.address, password="sesame"), TOPOLOGY)
    publisher.start()
    await until(lambda: publisher.state == BrokerState.AWAY, "the publisher is refused")
    with pytest.raises(BrokerUnavailableError, match="RABBITMQ_PRODUCER_PASSWORD"):
        await publisher.wait_connected(0.1)
    await publisher.close(0.1)
    assert "sesame" not in caplog.text
    assert broker.address.password not in caplog.text
