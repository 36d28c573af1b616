"""The servers that a benchmark runs on: RabbitMQ, PostgreSQL and Flink of its own, nothing beside them."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg2
import psycopg2.extensions

from ops import flink, postgres, rabbitmq, services
from ops.errors import OpsError
from ops.progress import Progress, Watch
from ops.settings import REPOSITORY
from ops.stack import Stack
from ops.up import SERVERS
from tests.stack import clean_environment, new_env_file

START_SECONDS = 180
FLINK_PROGRAMS = ("flink-jobmanager", "flink-taskmanager")


@dataclass(frozen=True)
class ServerStack:
    """The servers, and the addresses that a consumer needs."""

    stack: Stack

    @property
    def database_uri(self) -> str:
        """The market's database, as the superuser."""
        settings = self.stack.settings
        password = settings.postgres_password.get_secret_value()
        address = f"{settings.postgres_host}:{settings.postgres_port}/{settings.postgres_db}"
        return f"postgresql://postgres:{password}@{address}"

    def amqp_uri(self, user: str) -> str:
        """The broker, as `producer` or `stream_job`."""
        settings = self.stack.settings
        passwords = {
            "producer": settings.rabbitmq_producer_password,
            "stream_job": settings.rabbitmq_job_password,
        }
        password = passwords[user].get_secret_value()
        address = f"{settings.rabbitmq_host}:{settings.rabbitmq_port}/{settings.rabbitmq_vhost}"
        return f"amqp://{user}:{password}@{address}"

    @contextmanager
    def connect(self) -> Iterator[psycopg2.extensions.connection]:
        """A connection to the market's database, as the superuser, each statement a transaction."""
        connection = psycopg2.connect(self.database_uri)
        connection.autocommit = True
        try:
            yield connection
        finally:
            connection.close()

    def pid(self, program: str) -> int:
        """The process id of a running program."""
        return self.stack.supervisor.states()[program].pid

    def run(self, *arguments: str, environment: Mapping[str, str]) -> None:
        """Run `python ARGUMENTS` to its end; raises OpsError with its log when it fails."""
        log = self.stack.paths.log_of("benchmark-steps")
        with log.open("ab") as output:
            result = subprocess.run(
                [sys.executable, *arguments],
                env=dict(environment),
                cwd=REPOSITORY,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if result.returncode != 0:
            raise OpsError(f"'python {' '.join(arguments)}' failed: {log.read_text()[-2000:]}", log)

    def start_flink(self) -> None:
        """Start a fresh cluster, without a job or a checkpoint, and wait for its slots."""
        self.stop_flink()
        for folder in ("checkpoints", "savepoints"):
            shutil.rmtree(self.stack.paths.flink / folder, ignore_errors=True)
            (self.stack.paths.flink / folder).mkdir()
        self.stack.supervisor.start(*FLINK_PROGRAMS)
        watch = Watch(self.stack.supervisor, self.stack.paths)
        watch.until(
            lambda: flink.has_slots(self.stack.settings),
            FLINK_PROGRAMS[1],
            "Flink has no slots",
            START_SECONDS,
        )

    def stop_flink(self) -> None:
        """Stop the cluster, and with it whatever job it runs."""
        self.stack.supervisor.stop(*reversed(FLINK_PROGRAMS))


@contextmanager
def running_servers(parallelism: int) -> Iterator[ServerStack]:
    """Start servers on free ports with a data folder below /tmp; at the end stop them and remove it."""
    file = new_env_file()
    with file.open("a") as lines:
        lines.write(f"FLINK_PARALLELISM={parallelism}\n")
    environment = clean_environment()
    os.environ.clear()
    os.environ.update(environment, CANDLEWICK_ENV_FILE=str(file))
    stack = Stack.open(create=True)
    servers = ServerStack(stack)
    try:
        with Progress().step("servers of the benchmark's own are running"):
            _start(servers)
        yield servers
    finally:
        stack.supervisor.shut_down()
        shutil.rmtree(file.parent, ignore_errors=True)


def _start(servers: ServerStack) -> None:
    stack = servers.stack
    with stack.locked():
        stack.supervisor.apply(stack.prepare())
    stack.supervisor.start(*(name for name in SERVERS if name not in FLINK_PROGRAMS))
    watch = Watch(stack.supervisor, stack.paths)

    def await_postgres() -> None:
        watch.until(
            lambda: postgres.answers(stack.settings), "postgres", "PostgreSQL does not answer", START_SECONDS
        )

    await_postgres()
    environment = services.step_environment(stack.variables) | flink.environment(stack.paths)
    servers.run("-m", "db.bootstrap", environment=environment)
    servers.run("-m", "alembic", "upgrade", "head", environment=environment)
    with servers.connect() as connection, connection.cursor() as cursor:
        # What tells when a row was committed.
        cursor.execute("ALTER SYSTEM SET track_commit_timestamp = on")
    stack.supervisor.stop("postgres")
    stack.supervisor.start("postgres")
    await_postgres()
    watch.until(
        # It listens for clients last.
        lambda: rabbitmq.answers(stack.settings) and _listens(stack.settings.rabbitmq_port),
        "rabbitmq",
        "RabbitMQ does not answer",
        START_SECONDS,
    )


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True
