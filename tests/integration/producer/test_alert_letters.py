"""What nobody took becomes a dead letter, and a letter that is requeued is an alert again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace

import aio_pika
import pytest

from db.settings import DatabaseSettings
from ops.paths import Paths
from ops.supervisor import Supervisor
from producer.cancellation import cancelled
from producer.dead_letters.actions import Requeued, list_letters, requeue
from producer.dead_letters.letter import DeadLetter
from producer.dead_letters.selection import Selection
from producer.topology import ALERTS_QUEUE
from stream_job.alert_delivery.letters import AlertLetters
from stream_job.alert_delivery.store import DeliveryStore
from tests.integration.producer.alerting import AT_ONCE, Deliveries, Desk
from tests.integration.producer.broker import TOPOLOGY, Broker
from tests.integration.producer.proxy import Proxy
from tests.integration.producer.receiver import FAILED, OK, Receiver
from tests.integration.producer.waiting import WAIT_SECONDS
from tests.stack import RunningStack

EVERYTHING = Selection()


@pytest.fixture(scope="module", autouse=True)
def _alone(stack: RunningStack) -> Iterator[None]:
    """The stack's own program waits, for one alone delivers."""
    supervisor = Supervisor(Paths(stack.var_dir))
    supervisor.stop("alert-delivery")
    yield
    supervisor.start("alert-delivery")


@pytest.fixture
async def declared(broker: Broker, desk: Desk) -> Broker:
    """A broker with the market's queues, and no letter that another test has left unsent."""
    async with await broker.address.connect() as connection:
        await TOPOLOGY.declare(connection)
    desk.query("UPDATE alert_deliveries SET dead_lettered_at = now() WHERE status = 'dead'")
    return broker


@asynccontextmanager
async def lettering(broker: Broker, deliveries: Deliveries, port: int | None = None) -> AsyncIterator[None]:
    """Deliver, and keep the dead letters, for as long as the context lasts."""
    async with deliveries.running() as store:
        address = broker.address if port is None else replace(broker.address, port=port)
        letters = AlertLetters(address, store)
        deliveries.on_dead = letters.look
        running = asyncio.create_task(letters.run())
        try:
            yield
        finally:
            await cancelled(running)


async def letters_when(broker: Broker, count: int) -> list[DeadLetter]:
    """Look at the dead letters until there are so many."""
    async with asyncio.timeout(WAIT_SECONDS):
        while len(found := (await list_letters(broker.address, EVERYTHING)).letters) < count:
            await asyncio.sleep(0.05)
    return found


async def test_after_the_last_attempt_a_letter_says_why_and_requeued_it_is_sent_from_the_beginning(
    desk: Desk, database_settings: DatabaseSettings, declared: Broker
) -> None:
    async with Receiver(lambda _: FAILED) as receiver:
        rule = desk.rule(webhook=receiver.url)
        async with lettering(declared, Deliveries(database_settings)):
            desk.fire(rule)
            (letter,) = await letters_when(declared, 1)
            assert len(receiver.posted) == AT_ONCE.attempts
            assert letter.reason == (
                "alert not delivered by webhook after 8 attempts: the webhook at 127.0.0.1 answered 500 "
                "Internal Server Error"
            )
            assert (letter.source_queue, letter.symbol) == (ALERTS_QUEUE, desk.symbol)

            receiver.answer_to = lambda _: OK
            moved = await requeue(declared.address, TOPOLOGY, EVERYTHING)
            assert moved == Requeued(requeued=1, stranded=0)
            (delivery,) = await desk.deliveries_when(rule, lambda found: found[0]["status"] == "delivered")
    assert delivery["attempts"] == 1
    assert len({one.headers["webhook-id"] for one in receiver.posted}) == 1
    assert (await list_letters(declared.address, EVERYTHING)).total == 0


async def test_a_letter_that_is_requeued_in_vain_comes_back(
    desk: Desk, database_settings: DatabaseSettings, declared: Broker
) -> None:
    async with Receiver(lambda _: FAILED) as receiver:
        rule = desk.rule(webhook=receiver.url)
        async with lettering(declared, Deliveries(database_settings)):
            desk.fire(rule)
            (letter,) = await letters_when(declared, 1)
            await requeue(declared.address, TOPOLOGY, EVERYTHING)
            await desk.deliveries_when(rule, lambda _: len(receiver.posted) == 2 * AT_ONCE.attempts)
            (again,) = await letters_when(declared, 1)
    assert again.letter_id == letter.letter_id


async def test_while_the_broker_is_away_alerts_are_delivered_and_letters_wait(
    desk: Desk, database_settings: DatabaseSettings, declared: Broker
) -> None:
    proxy = Proxy(declared.address.host, declared.address.port)
    await proxy.start()
    proxy.cut()
    async with Receiver() as receiver, Receiver(lambda _: FAILED) as broken:
        good, bad = desk.rule(webhook=receiver.url), desk.rule(webhook=broken.url)
        async with lettering(declared, Deliveries(database_settings), proxy.port):
            desk.fire(bad, 3)
            desk.fire(good)
            assert [one["status"] for one in await desk.ended(bad)] == ["dead"] * 3
            assert [one["status"] for one in await desk.ended(good)] == ["delivered"]
            assert (await list_letters(declared.address, EVERYTHING)).total == 0
            proxy.mend()
            letters = await letters_when(declared, 3)
    await proxy.stop()
    assert len({letter.letter_id for letter in letters}) == 3


async def test_a_letter_of_what_was_delivered_meanwhile_changes_nothing_and_an_unreadable_one_comes_back(
    desk: Desk, database_settings: DatabaseSettings, declared: Broker
) -> None:
    async with Receiver() as receiver:
        rule = desk.rule(webhook=receiver.url)
        async with lettering(declared, Deliveries(database_settings)):
            desk.fire(rule)
            (delivery,) = await desk.ended(rule)
            known = b'{"delivery_id":%d,"rule_id":%d,"symbol":"A","event_time":"","channel":"webhook"}' % (
                delivery["id"],
                rule,
            )
            async with await declared.address.connect() as connection:
                channel = await connection.channel()
                for body in (known, b"\xff{"):
                    await channel.default_exchange.publish(aio_pika.Message(body), ALERTS_QUEUE)
            (letter,) = await letters_when(declared, 1)
    assert letter.reason is not None
    assert letter.reason.startswith("message is no dead letter of an alert")
    assert [one["status"] for one in desk.deliveries(rule)] == ["delivered"]
    assert len(receiver.posted) == 1


async def test_a_test_that_fails_leaves_no_letter(
    desk: Desk, database_settings: DatabaseSettings, declared: Broker
) -> None:
    rule = desk.rule(webhook="http://127.0.0.1:1/")
    desk.query(
        "INSERT INTO alert_deliveries (rule_id, symbol, event_time, channel, is_test)"
        " VALUES (%s, %s, now(), 'webhook', true)",
        *(rule, desk.symbol),
    )
    store = DeliveryStore(database_settings)
    async with Deliveries(database_settings).running():
        (delivery,) = await desk.ended(rule)
        assert await store.without_letter(10) == []
    await store.close()
    assert (delivery["status"], delivery["attempts"]) == ("dead", 1)
