"""Each alert arrives on each channel of its rule, once, or again under the same id."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, closing

import pytest
from standardwebhooks import Webhook

from db.settings import DatabaseSettings
from ops.paths import Paths
from ops.supervisor import Supervisor
from stream_job.alert_delivery.backoff import Backoff
from tests.integration.producer.alerting import ONCE, SECRET, Deliveries, Desk
from tests.integration.producer.proxy import Proxy
from tests.integration.producer.receiver import FAILED, HANG, OK, Posted, Receiver, answer, mailbox
from tests.integration.producer.waiting import until
from tests.stack import RunningStack, free_ports


@pytest.fixture(scope="module", autouse=True)
def _alone(stack: RunningStack) -> Iterator[None]:
    """The stack's own program waits, for one alone delivers."""
    supervisor = Supervisor(Paths(stack.var_dir))
    supervisor.stop("alert-delivery")
    yield
    supervisor.start("alert-delivery")


@pytest.fixture
def deliveries(database_settings: DatabaseSettings) -> Deliveries:
    return Deliveries(database_settings)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as receiver:
        yield receiver


async def test_an_alert_that_is_written_is_posted_at_once_and_its_signature_holds(
    desk: Desk, deliveries: Deliveries, receiver: Receiver
) -> None:
    rule = desk.rule(webhook=f"{receiver.url}/hook?for=me")
    async with deliveries.running():
        desk.fire(rule)
        await desk.ended(rule)
    (posted,) = receiver.posted
    told = Webhook(SECRET).verify(posted.body, posted.headers)
    assert (posted.path, posted.headers["content-type"]) == ("/hook?for=me", "application/json")
    assert (told["type"], told["data"]["symbol"], told["data"]["message"]) == (
        "alert.fired",
        desk.symbol,
        "rose to 7, time 0",
    )
    (event,) = desk.events(rule)
    assert event["delivered_at"] is not None
    assert event["delivery_error"] is None


async def test_what_fired_while_nobody_delivered_is_sent_later(
    desk: Desk, deliveries: Deliveries, receiver: Receiver
) -> None:
    rule = desk.rule(webhook=receiver.url)
    desk.fire(rule, 100)
    async with deliveries.running():
        await desk.ended(rule)
    assert Counter(one.document["data"]["message"] for one in receiver.posted) == {
        f"rose to 7, time {number}": 1 for number in range(100)
    }


async def test_a_rule_without_a_channel_and_a_deleted_one_have_no_deliveries(desk: Desk) -> None:
    silent, deleted = desk.rule(), desk.rule(webhook="http://127.0.0.1:1/")
    desk.query("UPDATE alert_rules SET deleted_at = now() WHERE id = %s", deleted)
    for rule in (silent, deleted):
        desk.fire(rule)
        assert desk.deliveries(rule) == []


async def test_the_same_alert_written_again_is_not_sent_again(
    desk: Desk, deliveries: Deliveries, receiver: Receiver
) -> None:
    rule = desk.rule(webhook=receiver.url)
    again = (
        "INSERT INTO alert_events (rule_id, symbol, event_time, message) SELECT rule_id, symbol, event_time,"
        " message FROM alert_events WHERE rule_id = %s ON CONFLICT DO NOTHING"
    )
    async with deliveries.running():
        desk.fire(rule, 2)
        desk.query(again, rule)
        await desk.ended(rule)
    assert len(receiver.posted) == len(desk.deliveries(rule)) == 2


async def test_a_receiver_that_fails_is_asked_again_with_the_same_id_and_body_until_it_accepts(
    desk: Desk, deliveries: Deliveries, receiver: Receiver
) -> None:
    receiver.answer_to = lambda _: FAILED if len(receiver.posted) < 4 else OK
    rule = desk.rule(webhook=receiver.url)
    async with deliveries.running():
        desk.fire(rule)
        (delivery,) = await desk.ended(rule)
    assert (delivery["status"], delivery["attempts"], delivery["error"]) == ("delivered", 4, None)
    assert len({(one.headers["webhook-id"], one.body) for one in receiver.posted}) == 1
    assert len(receiver.posted) == 4
    assert desk.events(rule)[0]["delivery_error"] is None


async def test_between_attempts_the_event_says_what_went_wrong(
    desk: Desk, deliveries: Deliveries, receiver: Receiver
) -> None:
    receiver.answer_to = lambda _: FAILED
    deliveries.backoff = Backoff()
    rule = desk.rule(webhook=f"{receiver.url}/secret-path")
    async with deliveries.running():
        desk.fire(rule)
        (delivery,) = await desk.deliveries_when(rule, lambda found: found[0]["attempts"] == 1)
    (event,) = desk.events(rule)
    assert event["delivery_error"] == "webhook: the webhook at 127.0.0.1 answered 500 Internal Server Error"
    assert event["delivered_at"] is None
    wait = (delivery["next_attempt_at"] - delivery["created_at"]).total_seconds()
    assert 8 <= wait <= 60


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (FAILED, "answered 500 Internal Server Error"),
        (answer("404 Not Found"), "answered 404 Not Found"),
        (answer("299 Whatever"), None),
        (answer("799 Whatever"), "answered 799"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "cannot be reached: "),
        (HANG, "did not answer within 0.5 s"),
        (b"HTTP/1.1 200 OK\r\nX-Slow: ", "did not answer within 0.5 s"),
    ],
)
async def test_whatever_is_no_success_is_a_failure_and_said(
    desk: Desk, deliveries: Deliveries, receiver: Receiver, said: bytes, reason: str | None
) -> None:
    receiver.answer_to = lambda _: said
    if said.endswith(b": "):
        receiver.more = b"."
    deliveries.backoff, deliveries.webhook_seconds = ONCE, 0.5 if reason and "within" in reason else 60
    rule = desk.rule(webhook=receiver.url)
    async with deliveries.running():
        desk.fire(rule)
        (delivery,) = await desk.ended(rule)
    assert delivery["status"] == ("dead" if reason else "delivered")
    assert (delivery["error"] is None) if reason is None else (reason in delivery["error"])


async def test_where_nobody_listens_that_is_said(desk: Desk, deliveries: Deliveries) -> None:
    deliveries.backoff = ONCE
    rules = [
        desk.rule(webhook=f"http://127.0.0.1:{free_ports(1)[0]}/"),
        desk.rule(webhook="http://nowhere.invalid/"),
    ]
    async with deliveries.running():
        for rule in rules:
            desk.fire(rule)
            (delivery,) = await desk.ended(rule)
            assert "cannot be reached: " in delivery["error"]


async def test_a_redirect_is_not_followed(desk: Desk, deliveries: Deliveries, receiver: Receiver) -> None:
    deliveries.backoff = ONCE
    receiver.answer_to = lambda posted: (
        answer("307 Temporary Redirect", "Location: /elsewhere\r\n") if posted.path == "/" else OK
    )
    rule = desk.rule(webhook=f"{receiver.url}/")
    async with deliveries.running():
        desk.fire(rule)
        (delivery,) = await desk.ended(rule)
    assert [one.path for one in receiver.posted] == ["/"]
    assert "answered 307 Temporary Redirect, and a redirect is not followed" in delivery["error"]


async def test_a_receiver_that_is_gone_is_asked_no_more(
    desk: Desk, deliveries: Deliveries, receiver: Receiver
) -> None:
    receiver.answer_to = lambda _: answer("410 Gone")
    rule = desk.rule(webhook=receiver.url)
    async with deliveries.running():
        desk.fire(rule)
        (delivery,) = await desk.ended(rule)
    assert (delivery["status"], delivery["attempts"], len(receiver.posted)) == ("dead", 1, 1)
    assert "it wants no more" in delivery["error"]


async def test_of_an_answer_without_end_nothing_but_its_beginning_is_read(
    desk: Desk, deliveries: Deliveries, receiver: Receiver
) -> None:
    receiver.answer_to = lambda _: b"HTTP/1.1 200 OK\r\n\r\n"
    receiver.more = b"x" * 65_536
    rule = desk.rule(webhook=receiver.url)
    async with deliveries.running():
        desk.fire(rule)
        (delivery,) = await desk.ended(rule)
        await until(lambda: not receiver.conversations, "the connection is closed")
    assert delivery["status"] == "delivered"


async def test_a_receiver_that_hangs_holds_up_no_other(
    desk: Desk, deliveries: Deliveries, receiver: Receiver
) -> None:
    async with deliveries.running(), Receiver(lambda _: HANG) as hanging:
        stuck, other = desk.rule(webhook=hanging.url), desk.rule(webhook=receiver.url)
        desk.fire(stuck, 200)
        await until(lambda: len(hanging.posted) == 4, "it hangs")
        desk.fire(other, 20)
        await desk.ended(other)
        assert len(hanging.posted) == 4
        desk.query("UPDATE alert_deliveries SET status = 'cancelled' WHERE rule_id = %s", stuck)
    assert len(receiver.posted) == 20


async def test_of_two_channels_only_the_one_that_failed_is_tried_again(
    desk: Desk, deliveries: Deliveries, receiver: Receiver
) -> None:
    receiver.answer_to = lambda _: FAILED if len(receiver.posted) < 3 else OK
    async with mailbox() as box:
        deliveries.mail = deliveries.mail.model_copy(
            update={
                "alert_smtp_host": box.host,
                "alert_smtp_port": box.port,
                "alert_smtp_from": "us@example.com",
            }
        )
        rule = desk.rule(webhook=receiver.url, email="you@example.com")
        async with deliveries.running():
            desk.fire(rule)
            email, webhook = await desk.ended(rule)
    assert (email["status"], email["attempts"], len(box.mails)) == ("delivered", 1, 1)
    assert (webhook["status"], webhook["attempts"], len(receiver.posted)) == ("delivered", 3, 3)
    assert box.mails[0]["To"] == "you@example.com"


async def test_an_event_is_delivered_once_every_channel_has_it(
    desk: Desk, deliveries: Deliveries, receiver: Receiver
) -> None:
    deliveries.backoff = ONCE
    rule = desk.rule(webhook=receiver.url, email="you@example.com")
    async with deliveries.running():
        desk.fire(rule)
        email, webhook = await desk.ended(rule)
    assert (email["status"], webhook["status"]) == ("dead", "delivered")
    (event,) = desk.events(rule)
    assert event["delivered_at"] is None
    assert event["delivery_error"] == "email: e-mail is off: set ALERT_SMTP_HOST and ALERT_SMTP_FROM"


async def test_a_new_address_holds_for_what_still_waits_and_without_one_it_is_cancelled(
    desk: Desk, deliveries: Deliveries, receiver: Receiver
) -> None:
    async with Receiver(lambda _: FAILED) as broken:
        moved, ended = desk.rule(webhook=f"{broken.url}/1"), desk.rule(webhook=f"{broken.url}/2")
        async with deliveries.running():
            for rule in (moved, ended):
                desk.fire(rule)
                await desk.deliveries_when(rule, lambda found: found[0]["attempts"] > 0)
            desk.query(
                "UPDATE alert_rules SET delivery = jsonb_build_object('webhook', %s::text) WHERE id = %s",
                *(receiver.url, moved),
            )
            desk.query("UPDATE alert_rules SET delivery = '{}' WHERE id = %s", ended)
            (one,), (other,) = await desk.ended(moved), await desk.ended(ended)
    assert (one["status"], other["status"]) == ("delivered", "cancelled")
    assert other["error"] == "the rule has no webhook any more"
    assert len(receiver.posted) == 1


async def test_of_two_programs_one_alone_delivers_and_the_other_follows_when_it_ends(
    desk: Desk, deliveries: Deliveries, receiver: Receiver
) -> None:
    rule = desk.rule(webhook=receiver.url)
    async with AsyncExitStack() as first:
        await first.enter_async_context(deliveries.running())
        desk.fire(rule)
        await desk.ended(rule)
        async with deliveries.running():
            desk.fire(rule := desk.rule(webhook=receiver.url), 50)
            await desk.ended(rule)
            await first.aclose()
            desk.fire(later := desk.rule(webhook=receiver.url), 50)
            await desk.ended(later)
    assert set(Counter(one.headers["webhook-id"] for one in receiver.posted).values()) == {1}
    assert len(receiver.posted) == 101


async def test_what_it_is_looking_for_when_it_is_told_to_stop_is_not_begun(
    desk: Desk, deliveries: Deliveries, receiver: Receiver, stack: RunningStack
) -> None:
    rule = desk.rule(webhook=receiver.url)
    desk.fire(rule)
    with closing(stack.psycopg("market_owner")) as owner, owner.cursor() as lock:
        lock.execute("LOCK TABLE alert_deliveries IN ACCESS EXCLUSIVE MODE")
        waiting = "SELECT pid FROM pg_locks WHERE NOT granted AND relation = 'alert_deliveries'::regclass"
        async with deliveries.running():
            await until(lambda: desk.query(waiting), "it looks")
            # The context's end tells it to stop, and only then gives others their turn.
            asyncio.get_running_loop().call_soon(owner.rollback)
    assert (desk.deliveries(rule)[0]["status"], receiver.posted) == ("pending", [])


async def test_what_arrived_while_the_database_went_away_is_noted_when_it_is_back_and_not_sent_again(
    desk: Desk, deliveries: Deliveries, database_settings: DatabaseSettings
) -> None:
    proxy = Proxy(database_settings.postgres_host, database_settings.postgres_port)
    await proxy.start()
    deliveries.database = database_settings.model_copy(update={"postgres_port": proxy.port})

    def cut(_: Posted) -> bytes:
        proxy.cut()
        return OK

    async with Receiver(cut) as receiver:
        rule = desk.rule(webhook=receiver.url)
        async with deliveries.running():
            desk.fire(rule)
            await until(lambda: receiver.posted and not receiver.conversations, "it has arrived")
            assert desk.deliveries(rule)[0]["status"] == "pending"
            proxy.mend()
            (delivery,) = await desk.ended(rule)
            receiver.answer_to = lambda _: OK
            desk.fire(other := desk.rule(webhook=receiver.url))
            await desk.ended(other)
    await proxy.stop()
    assert (delivery["status"], delivery["attempts"], len(receiver.posted)) == ("delivered", 1, 2)


async def test_no_log_shows_the_secret_or_the_whole_address_of_a_receiver(
    desk: Desk, deliveries: Deliveries, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="stream_job")
    receiver.answer_to = lambda _: FAILED if len(receiver.posted) < 2 else OK
    rule = desk.rule(webhook=f"{receiver.url}/sesame")
    async with deliveries.running():
        desk.fire(rule)
        await desk.ended(rule)
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("stream_job"))
    assert "500 Internal Server Error" in ours
    assert "delivered" in ours
    assert "sesame" not in ours
    assert SECRET not in ours
