"""A whole stack for the tests: the real `up`, on ports and in a folder of its own."""

import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg2
import psycopg2.extensions

from db.settings import PASSWORD_SETTING, Role
from ops.secrets import assignments
from ops.settings import REPOSITORY, TEMPLATE

# Below what the kernel hands out to clients (32768 and up), so that no outgoing connection sits on one.
PORTS = range(20_000, 32_000)
START_SECONDS = 900
BROKER_PASSWORDS = {
    "candlewick": "RABBITMQ_ADMIN_PASSWORD",
    "producer": "RABBITMQ_PRODUCER_PASSWORD",
    "stream_job": "RABBITMQ_JOB_PASSWORD",
    "api": "RABBITMQ_API_PASSWORD",
}


@dataclass(frozen=True)
class RunningStack:
    """What a test needs to know of the stack that runs for it."""

    env_file: Path
    env: dict[str, str]

    @property
    def var_dir(self) -> Path:
        """Its data, logs and generated configuration."""
        return Path(self.env["VAR_DIR"])

    @property
    def environment(self) -> dict[str, str]:
        """What our commands are run with to work on this stack."""
        return {**clean_environment(), "CANDLEWICK_ENV_FILE": str(self.env_file)}

    def psycopg(self, role: Role) -> psycopg2.extensions.connection:
        """A new connection to the market's database."""
        return psycopg2.connect(
            host=self.env["POSTGRES_HOST"],
            port=self.env["POSTGRES_PORT"],
            dbname=self.env["POSTGRES_DB"],
            user=role,
            password=self.env[PASSWORD_SETTING[role]],
        )

    def jdbc_url(self, role: Role) -> str:
        """The market's database for Java, with the role's log-in."""
        address = f"{self.env['POSTGRES_HOST']}:{self.env['POSTGRES_PORT']}/{self.env['POSTGRES_DB']}"
        return f"jdbc:postgresql://{address}?user={role}&password={self.env[PASSWORD_SETTING[role]]}"

    def amqp_url(self, user: str = "producer", vhost: str | None = None) -> str:
        """The broker, as one of its users: candlewick (the administrator), producer, stream_job or api."""
        name = quote(vhost or self.env["RABBITMQ_VHOST"], safe="")
        address = f"{self.env['RABBITMQ_HOST']}:{self.env['RABBITMQ_PORT']}"
        return f"amqp://{user}:{self.env[BROKER_PASSWORDS[user]]}@{address}/{name}"

    @property
    def management_url(self) -> str:
        """RabbitMQ's console and API."""
        return self._url("RABBITMQ_HOST", "RABBITMQ_MANAGEMENT_PORT")

    @property
    def producer_url(self) -> str:
        """The producer's API."""
        return self._url("PRODUCER_HOST", "PRODUCER_PORT")

    @property
    def api_url(self) -> str:
        """The read API."""
        return self._url("API_HOST", "API_PORT")

    @property
    def flink_url(self) -> str:
        """Flink's console and REST API."""
        return self._url("FLINK_HOST", "FLINK_REST_PORT")

    @property
    def superset_url(self) -> str:
        """Superset."""
        return self._url("BIND_ADDRESS", "SUPERSET_PORT")

    def _url(self, host: str, port: str) -> str:
        return f"http://{self.env[host]}:{self.env[port]}"

    def ops(self, *arguments: str, seconds: float = START_SECONDS) -> subprocess.CompletedProcess[str]:
        """Run `python -m ops` on this stack."""
        return self._run(sys.executable, "-m", "ops", *arguments, seconds=seconds)

    def make(
        self, *arguments: str, answer: str = "", seconds: float = START_SECONDS
    ) -> subprocess.CompletedProcess[str]:
        """Run `make` on this stack, with an answer to what it asks."""
        return self._run("make", "--no-print-directory", *arguments, answer=answer, seconds=seconds)

    def _run(self, *command: str, answer: str = "", seconds: float) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            env=self.environment,
            cwd=REPOSITORY,
            input=answer,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds,
            check=False,
        )


def clean_environment() -> dict[str, str]:
    """Our environment without Candlewick's settings: a developer's own stack must not leak into tests."""
    settings = assignments(TEMPLATE.read_text())
    return {name: value for name, value in os.environ.items() if name not in settings}


def new_env_file() -> Path:
    """Write the beginning of an env file with free ports and a data folder that servers' users can enter."""
    folder = Path(tempfile.mkdtemp(prefix="candlewick-", dir="/tmp"))  # /root is closed to them
    folder.chmod(0o755)
    names = [name for name in assignments(TEMPLATE.read_text()) if name.endswith("_PORT")]
    # A rule that a test adds is in force a second later, not five.
    lines = [f"VAR_DIR={folder}/var", "FEEDS=none", "ALERT_RULES_SECONDS=1"]
    lines += [f"{name}={port}" for name, port in zip(names, free_ports(len(names)), strict=True)]
    file = folder / "env"
    file.touch(mode=0o600)
    file.write_text("\n".join(lines) + "\n")
    return file


def free_ports(count: int) -> list[int]:
    """So many different ports that nobody listens on."""
    found: list[int] = []
    with ExitStack() as held:
        for port in random.sample(PORTS, len(PORTS)):
            if len(found) == count:
                break
            listener = held.enter_context(socket.socket())
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            found.append(port)
    return found


def start() -> RunningStack:
    """Start a stack of its own; raises RuntimeError with the output when it does not come up."""
    file = new_env_file()
    stack = RunningStack(file, assignments(file.read_text()))
    try:
        result = stack.ops("up")
    except BaseException:
        # An interrupt, or no end in time: what has started must not outlive the tests.
        stack.ops("down")
        raise
    if result.returncode != 0:
        stack.ops("down")
        raise RuntimeError(
            f"The tests' stack did not start; its data stays in {file.parent}.\n{result.stdout}"
        )
    return RunningStack(file, assignments(file.read_text()))


def stop(stack: RunningStack, keep: bool) -> None:
    """Stop it, and remove its data unless a failure makes it worth reading."""
    stack.ops("down", seconds=180)
    if not keep:
        shutil.rmtree(stack.env_file.parent, ignore_errors=True)
