"""RabbitMQ's users: hashed, kept while their password stays, and allowed no more than they need."""

import base64
import hashlib

import pytest
from pydantic import SecretStr

from ops.definitions import definitions
from ops.settings import BrokerAccounts


def accounts(**passwords: str) -> BrokerAccounts:
    values = {"admin": "a" * 20, "producer": "p" * 20, "job": "j" * 20, "api": "r" * 20, **passwords}
    return BrokerAccounts(
        rabbitmq_vhost="market",
        rabbitmq_admin_password=SecretStr(values["admin"]),
        rabbitmq_producer_password=SecretStr(values["producer"]),
        rabbitmq_job_password=SecretStr(values["job"]),
        rabbitmq_api_password=SecretStr(values["api"]),
    )


def hashes(wanted: dict[str, list[dict[str, str]]]) -> dict[str, str]:
    return {user["name"]: user["password_hash"] for user in wanted["users"]}


def test_a_password_is_stored_as_salt_and_digest() -> None:
    stored = base64.b64decode(hashes(definitions(accounts(), {}))["producer"])
    assert stored[4:] == hashlib.sha256(stored[:4] + b"p" * 20).digest()


def test_no_password_is_in_the_definitions() -> None:
    assert "p" * 20 not in str(definitions(accounts(), {}))


def test_a_hash_stays_while_its_password_does() -> None:
    before = hashes(definitions(accounts(), {}))
    after = hashes(definitions(accounts(producer="another"), before))
    assert after["producer"] != before["producer"]
    assert (after["candlewick"], after["stream_job"]) == (before["candlewick"], before["stream_job"])


def test_there_is_no_guest() -> None:
    assert set(hashes(definitions(accounts(), {}))) == {"candlewick", "producer", "stream_job", "api"}


def test_the_read_api_may_read_events_and_nothing_else() -> None:
    wanted = definitions(accounts(), {})["permissions"]
    api = next(entry for entry in wanted if entry["user"] == "api")
    assert (api["configure"], api["write"], api["read"]) == ("^$", "^$", r"^market\.events\..*")


@pytest.mark.parametrize("permission", ["configure", "write", "read"])
def test_the_job_may_declare_nothing_and_only_read_events_bars_and_alerts_and_publish_dead_letters(
    permission: str,
) -> None:
    wanted = definitions(accounts(), {})["permissions"]
    job = next(entry for entry in wanted if entry["user"] == "stream_job")
    expected = {"configure": "^$", "write": r"^amq\.default$", "read": r"^market\.(events\..*|bars|alerts)$"}
    assert job[permission] == expected[permission]
