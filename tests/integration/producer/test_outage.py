"""While the broker is away nothing confirmed is lost, and memory stays bounded."""

from __future__ import annotations

import asyncio

import pytest

from producer.errors import BrokerUnavailableError
from producer.publisher import BrokerState
from tests.integration.producer.broker import Broker
from tests.integration.producer.conftest import StartPublisher
from tests.integration.producer.market import made
from tests.integration.producer.proxy import Proxy
from tests.integration.producer.waiting import until


async def test_events_published_through_several_cuts_arrive_once_and_in_order(
    broker: Broker, proxy: Proxy, start_publisher: StartPublisher
) -> None:
    publisher = await start_publisher(port=proxy.port)
    total = 0
    for _ in range(4):
        for _ in range(40):
            await publisher.publish(made("A", range(total, total + 250)))
            total += 250
            await asyncio.sleep(0)
        proxy.cut()
        await until(lambda: publisher.state == BrokerState.AWAY, "the cut is noticed")
        proxy.mend()
        await publisher.wait_connected(90)
    await publisher.flush(90)
    async with broker.following() as arrivals:
        await until(lambda: len(arrivals.events) >= total, "all events have arrived")
        assert [event.sequence for event in arrivals.events] == list(range(total))
    assert publisher.confirmed_events["A"] == total


async def test_messages_whose_confirm_was_lost_are_sent_again_under_the_same_ids(
    broker: Broker, proxy: Proxy, start_publisher: StartPublisher
) -> None:
    publisher = await start_publisher(port=proxy.port)
    async with broker.following() as arrivals:
        proxy.mute()
        await publisher.publish(made("A", range(2_000)))
        await until(lambda: len(arrivals.messages) == 4, "the broker has the messages")
        assert publisher.confirmed_messages == 0
        assert publisher.buffered_events == 2_000
        proxy.cut()
        await until(lambda: publisher.state == BrokerState.AWAY, "the cut is noticed")
        proxy.mend()
        await publisher.flush(90)
        await until(lambda: len(arrivals.messages) == 8, "the messages have arrived again")
        ids = [message.message_id for _, message in arrivals.messages]
        assert ids[:4] == ids[4:]
        bodies = [message.body for _, message in arrivals.messages]
        assert bodies[:4] == bodies[4:]
    assert publisher.confirmed_messages == 4


async def test_a_source_that_can_wait_waits_while_the_buffer_is_full(
    proxy: Proxy, start_publisher: StartPublisher
) -> None:
    publisher = await start_publisher(port=proxy.port, buffered_events=1_000)
    proxy.cut()
    await until(lambda: publisher.state == BrokerState.AWAY, "the cut is noticed")
    await publisher.publish(made("A", range(1_000)))
    waiting = asyncio.create_task(publisher.publish(made("A", range(1_000, 1_500))))
    done, _ = await asyncio.wait([waiting], timeout=0.3)
    assert not done
    assert publisher.buffered_events == 1_000
    proxy.mend()
    await waiting
    await publisher.flush(90)
    assert publisher.confirmed_events["A"] == 1_500
    assert publisher.dropped_events == 0


async def test_a_live_feed_loses_its_oldest_events_counted_and_marked_by_a_break(
    broker: Broker, proxy: Proxy, start_publisher: StartPublisher
) -> None:
    publisher = await start_publisher(port=proxy.port, buffered_events=1_000)
    proxy.cut()
    await until(lambda: publisher.state == BrokerState.AWAY, "the cut is noticed")
    for start in range(0, 5_000, 100):
        publisher.offer(made("A", range(start, start + 100)))
        assert publisher.buffered_events <= 1_001
    dropped = publisher.dropped_events
    assert dropped >= 4_000
    proxy.mend()
    await publisher.flush(90)
    async with broker.following() as arrivals:
        await until(lambda: len(arrivals.events) >= 5_001 - dropped, "what was kept has arrived")
        first, *others = arrivals.events
        assert (first.kind, first.symbol) == ("break", "A")
        assert first.event_time == made("A", range(1))[0].event_time
        assert [event.sequence for event in others] == list(range(dropped, 5_000))


async def test_closing_while_the_broker_is_away_says_how_much_is_not_confirmed(
    proxy: Proxy, start_publisher: StartPublisher
) -> None:
    publisher = await start_publisher(port=proxy.port)
    proxy.cut()
    await until(lambda: publisher.state == BrokerState.AWAY, "the cut is noticed")
    await publisher.publish(made("A", range(42)))
    assert await publisher.close(0.2) == 42
    assert publisher.confirmed_events.total() == 0


async def test_waiting_for_confirms_in_vain_is_an_error_that_counts_them(
    proxy: Proxy, start_publisher: StartPublisher
) -> None:
    publisher = await start_publisher(port=proxy.port)
    proxy.cut()
    await until(lambda: publisher.state == BrokerState.AWAY, "the cut is noticed")
    with pytest.raises(BrokerUnavailableError, match="3 events are not confirmed"):
        await publisher.deliver(made("A", range(3)), 0.2)
