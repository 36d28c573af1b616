"""What an alert looks like on its way, how it is signed, and how long it waits for another attempt."""

import base64
import hashlib
import hmac
import json
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from pydantic import SecretStr
from standardwebhooks import Webhook, WebhookVerificationError

from stream_job.alert_delivery.alert import Alert
from stream_job.alert_delivery.backoff import Backoff
from stream_job.alert_delivery.settings import AlertSettings
from stream_job.alert_delivery.webhook import signed
from stream_job.errors import AlertSettingsError, AlertUndeliveredError

SECRET = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NEW_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
NOW = datetime(2025, 3, 4, 12, 30, 1, 500_000, tzinfo=UTC)
ALERT = Alert(
    delivery_id=7,
    rule_id=3,
    rule_name="Bitcoin above 65,000",
    kind="price_cross",
    symbol="BTC-USD",
    interval=None,
    event_time=datetime(2025, 3, 4, 12, 30, 0, 123_456, tzinfo=UTC),
    channel="webhook",
    is_test=False,
    attempts=0,
    target="https://example.com/hook",
    message="BTC-USD rose to 65001.5, across 65000",
    value=65001.5,
)


def test_a_receiver_can_verify_a_signature_with_the_secret_alone() -> None:
    headers = signed([SecretStr(SECRET)], ALERT.message_id, NOW, ALERT.body)
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + ALERT.body
    expected = base64.b64encode(hmac.digest(base64.b64decode(SECRET), content, hashlib.sha256)).decode()
    assert headers == {
        "webhook-id": ALERT.message_id,
        "webhook-timestamp": str(int(NOW.timestamp())),
        "webhook-signature": f"v1,{expected}",
    }


def test_a_secret_may_have_the_prefix_that_standard_webhooks_gives_it() -> None:
    plain, prefixed = (
        signed([SecretStr(secret)], "msg_1", NOW, b"{}") for secret in (SECRET, f"whsec_{SECRET}")
    )
    assert plain == prefixed


def test_without_a_secret_nothing_is_sent_unsigned() -> None:
    with pytest.raises(AlertUndeliveredError, match="set ALERT_WEBHOOK_SECRET"):
        signed([], "msg_1", NOW, b"{}")


@pytest.mark.parametrize("known", [NEW_SECRET, SECRET], ids=["the new one", "the old one"])
def test_while_a_secret_is_changed_a_receiver_needs_to_know_one_of_the_two(known: str) -> None:
    secrets = [SecretStr(NEW_SECRET), SecretStr(SECRET)]
    headers = signed(secrets, ALERT.message_id, datetime.now(UTC), ALERT.body)
    assert Webhook(known).verify(ALERT.body, headers) == json.loads(ALERT.body)


def test_a_receiver_that_knows_neither_secret_refuses() -> None:
    secrets = [SecretStr(NEW_SECRET), SecretStr(SECRET)]
    headers = signed(secrets, ALERT.message_id, datetime.now(UTC), ALERT.body)
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        Webhook(SECRET.swapcase()).verify(ALERT.body, headers)


def test_the_body_tells_the_alert_and_its_rule() -> None:
    assert json.loads(ALERT.body) == {
        "type": "alert.fired",
        "timestamp": "2025-03-04T12:30:00.123456Z",
        "data": {
            "rule_id": 3,
            "rule": "Bitcoin above 65,000",
            "kind": "price_cross",
            "symbol": "BTC-USD",
            "interval": None,
            "event_time": "2025-03-04T12:30:00.123456Z",
            "value": 65001.5,
            "message": "BTC-USD rose to 65001.5, across 65000",
            "test": False,
        },
    }


def test_a_test_says_that_it_is_one() -> None:
    test = replace(ALERT, is_test=True)
    assert (json.loads(test.body)["type"], json.loads(test.body)["data"]["test"]) == ("alert.test", True)
    assert test.email("a@example.com", NOW)["Subject"] == "[Test] BTC-USD: Bitcoin above 65,000"


def test_the_id_is_the_same_at_each_attempt_and_another_for_each_event_and_channel() -> None:
    others = [
        replace(ALERT, rule_id=4),
        replace(ALERT, symbol="ETH-USD"),
        replace(ALERT, event_time=ALERT.event_time + timedelta(microseconds=1)),
        replace(ALERT, channel="email"),
    ]
    assert len({ALERT.message_id, *(one.message_id for one in others)}) == 5
    again = replace(ALERT, attempts=3, rule_name="renamed", target="https://example.com/other")
    assert again.message_id == ALERT.message_id


def test_an_email_has_one_line_headers_whatever_the_rule_is_called() -> None:
    named = replace(ALERT, rule_name="a\u2028b\r\nBcc: c@example.com", target="you@example.com")
    mail = named.email("Candlewick <us@example.com>", NOW)
    assert mail["Subject"] == "BTC-USD: a b Bcc: c@example.com"
    assert (mail["Bcc"], mail["To"], mail["From"]) == (None, "you@example.com", "Candlewick <us@example.com>")
    assert mail["Message-ID"] == f"<{ALERT.message_id}@example.com>"
    assert "BTC-USD rose to 65001.5, across 65000" in mail.get_content()


def test_attempts_wait_ever_longer_for_some_five_hours_and_then_end() -> None:
    waits = [Backoff(spread=0).after(attempts) for attempts in range(1, 9)]
    assert waits.pop() is None
    waited = [wait for wait in waits if wait is not None]
    assert waited[0] == timedelta(seconds=10)
    assert all(one < other or one == timedelta(hours=2) for one, other in pairwise(waited))
    assert timedelta(hours=4) < sum(waited, timedelta()) < timedelta(hours=6)


def test_no_two_alerts_that_failed_together_are_tried_again_together() -> None:
    waits = [Backoff().after(3) or timedelta() for _ in range(200)]
    assert len(set(waits)) > 100
    assert min(waits) >= timedelta(seconds=128)
    assert max(waits) <= timedelta(seconds=192)


@pytest.fixture
def env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "env"
    monkeypatch.setenv("CANDLEWICK_ENV_FILE", str(path))
    for name in AlertSettings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    return path


@pytest.mark.parametrize("secret", [SECRET, f"whsec_{SECRET}", "ab" * 24, ""])
def test_a_secret_of_base64_is_let_in(env_file: Path, secret: str) -> None:
    env_file.write_text(f"ALERT_WEBHOOK_SECRET={secret}\n")
    secrets = AlertSettings.load().alert_webhook_secret
    assert [one.get_secret_value() for one in secrets] == ([secret] if secret else [])


@pytest.mark.parametrize("between", [",", ", ", " , "])
def test_several_secrets_are_a_comma_list_in_its_order(env_file: Path, between: str) -> None:
    env_file.write_text(f"ALERT_WEBHOOK_SECRET={NEW_SECRET}{between}{SECRET}\n")
    secrets = AlertSettings.load().alert_webhook_secret
    assert [one.get_secret_value() for one in secrets] == [NEW_SECRET, SECRET]


@pytest.mark.parametrize(
    ("value", "which"),
    [
        (f"{SECRET},sesame", "secret 2 of 2"),
        (f"sesame,{SECRET}", "secret 1 of 2"),
        (f"{SECRET},", "secret 2 of 2"),
        (f"{SECRET},,{NEW_SECRET}", "secret 2 of 3"),
        (f"{SECRET} {NEW_SECRET}", "it must be"),
    ],
)
def test_of_several_secrets_the_wrong_one_is_named_and_none_is_shown(
    env_file: Path, value: str, which: str
) -> None:
    env_file.write_text(f"ALERT_WEBHOOK_SECRET={value}\n")
    with pytest.raises(AlertSettingsError, match=f"ALERT_WEBHOOK_SECRET: .*{which}") as refusal:
        AlertSettings.load()
    for secret in (SECRET, NEW_SECRET, "sesame"):
        assert secret not in str(refusal.value)


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("ALERT_WEBHOOK_SECRET=sesame\n", "ALERT_WEBHOOK_SECRET: .*24 to 64 bytes in base64"),
        ("ALERT_WEBHOOK_SECRET=open, sesame! open, sesame! open, sesame\n", "24 to 64 bytes in base64"),
        ("ALERT_SMTP_HOST=mail.example.com\n", "without ALERT_SMTP_FROM"),
        ("ALERT_SMTP_USER=us\n", "set both or none"),
        ("ALERT_SMTP_PASSWORD=sesame\n", "set both or none"),
        ("ALERT_SMTP_PORT=0\n", "ALERT_SMTP_PORT: "),
    ],
)
def test_a_setting_that_is_wrong_is_named_without_its_value(
    env_file: Path, lines: str, sentence: str
) -> None:
    env_file.write_text(lines)
    with pytest.raises(AlertSettingsError, match=sentence) as refusal:
        AlertSettings.load()
    assert "sesame" not in str(refusal.value)
    assert str(env_file) in str(refusal.value)


def test_no_secret_shows_in_what_is_printed(env_file: Path, caplog: pytest.LogCaptureFixture) -> None:
    env_file.write_text(f"ALERT_WEBHOOK_SECRET={SECRET}\nALERT_SMTP_USER=us\nALERT_SMTP_PASSWORD=sesame\n")
    logging.getLogger("test").warning("%r", settings := AlertSettings.load())
    for text in (caplog.text, str(settings)):
        assert "us" in text
        assert SECRET not in text
        assert "sesame" not in text
