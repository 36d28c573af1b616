"""RabbitMQ's users, virtual host and permissions, in the form that a broker loads at its start.

`python -m ops.definitions FILE` writes them for a broker that something else starts, such as Docker.
"""

import base64
import hashlib
import json
import secrets
import sys
from pathlib import Path
from typing import Any

from ops.settings import BrokerAccounts

ADMINISTRATOR = "candlewick"
SALT_BYTES = 4


def password_hash(password: str, salt: bytes) -> str:
    """RabbitMQ's salted SHA-256: base64 of the salt and the digest of salt and password."""
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def _kept_or_fresh_hash(password: str, known: str | None) -> str:
    if known is not None and password_hash(password, base64.b64decode(known)[:SALT_BYTES]) == known:
        return known
    return password_hash(password, secrets.token_bytes(SALT_BYTES))


def definitions(settings: BrokerAccounts, known: dict[str, str]) -> dict[str, Any]:
    """Users, virtual host and permissions; `known` are the password hashes that are in force."""
    vhost = settings.rabbitmq_vhost
    passwords = {
        ADMINISTRATOR: settings.rabbitmq_admin_password,
        "producer": settings.rabbitmq_producer_password,
        "stream_job": settings.rabbitmq_job_password,
        "api": settings.rabbitmq_api_password,
    }
    tags = {ADMINISTRATOR: "administrator"}
    permissions = {
        ADMINISTRATOR: (".*", ".*", ".*"),
        "producer": (r"^market\..*", r"^(market\..*|amq\.default)$", r"^market\..*"),
        "stream_job": ("^$", r"^amq\.default$", r"^market\.(events\..*|bars|alerts)$"),
        "api": ("^$", "^$", r"^market\.events\..*"),
    }
    return {
        "users": [
            {
                "name": name,
                "password_hash": _kept_or_fresh_hash(password.get_secret_value(), known.get(name)),
                "hashing_algorithm": "rabbit_password_hashing_sha256",
                "tags": tags.get(name, ""),
            }
            for name, password in passwords.items()
        ],
        "vhosts": [{"name": vhost}],
        "permissions": [
            {"user": name, "vhost": vhost, "configure": configure, "write": write, "read": read}
            for name, (configure, write, read) in permissions.items()
        ],
    }


def known_hashes(path: Path) -> dict[str, str]:
    """The hash of each user in a file of definitions; none where there is no file yet."""
    if not path.is_file():
        return {}
    return {user["name"]: user["password_hash"] for user in json.loads(path.read_text())["users"]}


def main(path: Path) -> None:
    """Write the file; hashes of passwords that have not changed stay as they are."""
    accounts = BrokerAccounts()  # type: ignore[call-arg]  # From the environment.
    path.write_text(json.dumps(definitions(accounts, known_hashes(path)), indent=2) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
