"""Alerts by e-mail: with TLS where the server offers it, and never a password without."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from db.settings import DatabaseSettings
from ops.paths import Paths
from ops.supervisor import Supervisor
from tests.integration.producer.alerting import AT_ONCE, ONCE, Deliveries, Desk
from tests.integration.producer.receiver import Mailbox, mailbox
from tests.stack import RunningStack, free_ports


@pytest.fixture(scope="module", autouse=True)
def _alone(stack: RunningStack) -> Iterator[None]:
    """The stack's own program waits, for one alone delivers."""
    supervisor = Supervisor(Paths(stack.var_dir))
    supervisor.stop("alert-delivery")
    yield
    supervisor.start("alert-delivery")


@pytest.fixture
def certified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A certificate of 127.0.0.1, which this process trusts for the length of the test."""
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"),
            *("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def by_way_of(settings: DatabaseSettings, box: Mailbox, **changes: object) -> Deliveries:
    deliveries = Deliveries(settings, backoff=ONCE)
    own = {"alert_smtp_host": box.host, "alert_smtp_port": box.port, "alert_smtp_from": "Us <us@example.com>"}
    deliveries.mail = deliveries.mail.model_copy(update=own | changes)
    return deliveries


async def test_an_email_is_sent_behind_tls_and_a_log_in(
    desk: Desk, database_settings: DatabaseSettings, certified: ssl.SSLContext
) -> None:
    async with mailbox(certified) as box:
        login = {"alert_smtp_user": "us", "alert_smtp_password": SecretStr("sesame")}
        rule = desk.rule(email="you@example.com")
        async with by_way_of(database_settings, box, **login).running():
            desk.fire(rule, 2)
            assert [one["status"] for one in await desk.ended(rule)] == ["delivered", "delivered"]
    assert (box.logins, len(box.mails)) == ([b"us", b"us"], 2)
    first, second = sorted(box.mails, key=lambda mail: mail.get_content())
    assert (first["Subject"], first["To"], first["From"]) == (
        f"{desk.symbol}: high",
        "you@example.com",
        "Us <us@example.com>",
    )
    assert "rose to 7, time 0" in first.get_content()
    assert "2025-03-04T12:00:00Z" in first.get_content()
    assert first["Message-ID"] != second["Message-ID"]


async def test_a_wrong_password_is_a_failure_that_does_not_repeat_it(
    desk: Desk, database_settings: DatabaseSettings, certified: ssl.SSLContext
) -> None:
    async with mailbox(certified) as box:
        login = {"alert_smtp_user": "us", "alert_smtp_password": SecretStr("wrong-sesame")}
        rule = desk.rule(email="you@example.com")
        async with by_way_of(database_settings, box, **login).running():
            desk.fire(rule)
            (delivery,) = await desk.ended(rule)
    assert (delivery["status"], box.mails) == ("dead", [])
    assert "did not take the e-mail" in delivery["error"]
    assert "wrong-sesame" not in delivery["error"]


async def test_a_server_without_tls_gets_no_password(desk: Desk, database_settings: DatabaseSettings) -> None:
    async with mailbox() as box:
        login = {"alert_smtp_user": "us", "alert_smtp_password": SecretStr("sesame")}
        rule = desk.rule(email="you@example.com")
        async with by_way_of(database_settings, box, **login).running():
            desk.fire(rule)
            (delivery,) = await desk.ended(rule)
    assert (delivery["status"], box.mails, box.logins) == ("dead", [], [])
    assert "STARTTLS" in delivery["error"]


async def test_a_certificate_that_nobody_trusts_is_refused(
    desk: Desk,
    database_settings: DatabaseSettings,
    certified: ssl.SSLContext,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    async with mailbox(certified) as box:
        rule = desk.rule(email="you@example.com")
        async with by_way_of(database_settings, box).running():
            desk.fire(rule)
            (delivery,) = await desk.ended(rule)
    assert (delivery["status"], box.mails) == ("dead", [])


@pytest.mark.parametrize(("refusal", "attempts"), [("550 No such user", 1), ("451 Try again later", 2)])
async def test_an_address_that_is_refused_for_good_is_not_tried_again(
    desk: Desk, database_settings: DatabaseSettings, refusal: str, attempts: int
) -> None:
    async with mailbox() as box:
        box.refusal = refusal
        deliveries = by_way_of(database_settings, box)
        deliveries.backoff = replace(AT_ONCE, attempts=2)
        rule = desk.rule(email="you@example.com")
        async with deliveries.running():
            desk.fire(rule)
            (delivery,) = await desk.ended(rule)
    assert (delivery["status"], delivery["attempts"]) == ("dead", attempts)
    assert f"refused the address: {refusal}" in delivery["error"]


async def test_a_server_that_does_not_listen_is_a_failure(
    desk: Desk, database_settings: DatabaseSettings
) -> None:
    (port,) = free_ports(1)
    rule = desk.rule(email="you@example.com")
    async with by_way_of(database_settings, Mailbox(port=port)).running():
        desk.fire(rule)
        (delivery,) = await desk.ended(rule)
    assert f"the SMTP server 127.0.0.1:{port} did not take the e-mail" in delivery["error"]
