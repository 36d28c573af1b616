"""The connector's own tests, in Java, on the stack's RabbitMQ and PostgreSQL."""

import os
import subprocess
import uuid
from collections.abc import Iterator

import httpx
import pytest

from ops.settings import REPOSITORY
from tests.stack import RunningStack

JAVA_TESTS_SECONDS = 900
# RabbitMQ answers when the virtual host is gone with all that the tests have left in it.
MANAGEMENT_SECONDS = 90


@pytest.fixture
def vhost(stack: RunningStack) -> Iterator[str]:
    """A virtual host of its own, which the administrator may do everything in."""
    name = f"connector-{uuid.uuid4().hex[:8]}"
    with httpx.Client(
        base_url=stack.management_url,
        auth=("candlewick", stack.env["RABBITMQ_ADMIN_PASSWORD"]),
        timeout=MANAGEMENT_SECONDS,
    ) as management:
        management.put(f"/api/vhosts/{name}").raise_for_status()
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        management.put(f"/api/permissions/{name}/candlewick", json=everything).raise_for_status()
        yield name
        management.delete(f"/api/vhosts/{name}").raise_for_status()


@pytest.mark.timeout(JAVA_TESTS_SECONDS)
def test_every_java_test_of_the_connector_passes(stack: RunningStack, vhost: str) -> None:
    result = subprocess.run(
        ["mvn", "-B", "-q", "-f", "stream_job/connector/pom.xml", "test"],
        cwd=REPOSITORY,
        env={
            **os.environ,
            "RABBITMQ_URI": stack.amqp_url("candlewick", vhost),
            "RABBITMQ_MANAGEMENT_URL": stack.management_url,
            "POSTGRES_URL": stack.jdbc_url("postgres"),
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout[-20_000:]
