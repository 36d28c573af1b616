"""The program that delivers alerts, as the supervisor runs it: killed, stopped, and asked for a test."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator

import pytest
from standardwebhooks import Webhook

from ops.paths import Paths
from ops.supervisor import Supervisor
from tests.integration.producer.alerting import Desk
from tests.integration.producer.conftest import KEY, Serve
from tests.integration.producer.receiver import FAILED, OK, Posted, Receiver
from tests.integration.producer.waiting import until
from tests.stack import RunningStack

COUNT = 200
# To one receiver, at a time.
UNDER_WAY = 4
KILLED_AT = (20, 90)


@pytest.fixture
def supervisor(stack: RunningStack) -> Supervisor:
    return Supervisor(Paths(stack.var_dir))


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as receiver:
        yield receiver


async def test_of_a_killed_program_each_alert_arrives_and_twice_only_under_the_same_id(
    desk: Desk, stack: RunningStack, supervisor: Supervisor, receiver: Receiver
) -> None:
    killed: list[int] = []

    def kill_now_and_then(_: Posted) -> bytes:
        if len(killed) < len(KILLED_AT) and len(receiver.posted) >= KILLED_AT[len(killed)]:
            killed.append(supervisor.states()["alert-delivery"].pid)
            os.kill(killed[-1], signal.SIGKILL)
        return OK

    receiver.answer_to = kill_now_and_then
    rule = desk.rule(webhook=receiver.url)
    desk.fire(rule, COUNT)
    await desk.ended(rule)

    assert len(killed) == len(KILLED_AT)
    ids = Counter(one.headers["webhook-id"] for one in receiver.posted)
    alerts = {(one.headers["webhook-id"], one.body) for one in receiver.posted}
    messages = {one.document["data"]["message"] for one in receiver.posted}
    again = sum(ids.values()) - COUNT
    print(f"lost {COUNT - len(messages)} / sent again {again} / unexpected {len(ids) - COUNT}")
    assert messages == {f"rose to 7, time {number}" for number in range(COUNT)}
    assert len(ids) == len(alerts) == COUNT
    assert again <= UNDER_WAY * len(killed)
    assert all(event["delivered_at"] for event in desk.events(rule))
    for one in receiver.posted:
        Webhook(stack.env["ALERT_WEBHOOK_SECRET"]).verify(one.body, one.headers)


async def test_a_program_that_is_stopped_brings_to_its_end_what_is_under_way(
    desk: Desk, supervisor: Supervisor, receiver: Receiver
) -> None:
    receiver.may_answer.clear()
    rule = desk.rule(webhook=receiver.url)
    desk.fire(rule, COUNT)
    await until(lambda: len(receiver.posted) == UNDER_WAY, "as many are under way as may be")
    stopping = asyncio.create_task(asyncio.to_thread(supervisor.stop, "alert-delivery"))
    await until(lambda: supervisor.states()["alert-delivery"].state == "STOPPING", "it is told to stop")
    receiver.may_answer.set()
    await stopping
    delivered = [one for one in desk.deliveries(rule) if one["status"] == "delivered"]
    assert len(delivered) == len(receiver.posted) == UNDER_WAY
    await asyncio.to_thread(supervisor.start, "alert-delivery")
    await desk.ended(rule)
    assert len(receiver.posted) == len({one.headers["webhook-id"] for one in receiver.posted}) == COUNT


async def test_a_test_is_sent_the_same_way_and_answered_with_what_became_of_it(
    desk: Desk, serve: Serve, receiver: Receiver
) -> None:
    rule = desk.rule(webhook=receiver.url)
    async with serve() as client:
        sent = await client.post(f"/alert-rules/{rule}/test", headers=KEY)
        receiver.answer_to = lambda _: FAILED
        failed = await client.post(f"/alert-rules/{rule}/test", headers=KEY)
        events = (await client.get("/alert-events", params={"rule_id": rule})).json()
    assert (sent.status_code, [one["status"] for one in sent.json()]) == (200, ["delivered"])
    (one,) = failed.json()
    assert (failed.status_code, one["status"], one["is_test"], one["attempts"]) == (200, "dead", True, 1)
    assert one["error"] == "the webhook at 127.0.0.1 answered 500 Internal Server Error"
    assert [one.document["type"] for one in receiver.posted] == ["alert.test", "alert.test"]
    assert receiver.posted[0].document["data"]["message"] == "This is a test: 'high' has not fired."
    assert events == []


async def test_a_test_that_nobody_sends_is_answered_as_pending(
    desk: Desk, serve: Serve, supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("producer.api.alerts.TEST_SECONDS", 0.3)
    rule = desk.rule(webhook="http://127.0.0.1:1/")
    supervisor.stop("alert-delivery")
    try:
        async with serve() as client:
            answer = await client.post(f"/alert-rules/{rule}/test", headers=KEY)
    finally:
        supervisor.start("alert-delivery")
    assert (answer.status_code, [one["status"] for one in answer.json()]) == (202, ["pending"])
