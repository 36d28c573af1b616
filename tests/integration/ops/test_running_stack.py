"""What `up` has started: repaired by another `up`, restarted when it dies, closed to others."""

import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
import pytest

from ops.paths import Paths
from ops.secrets import assignments, secret_names
from ops.settings import TEMPLATE
from ops.supervisor import Supervisor
from tests.stack import RunningStack

PROGRAMS = {
    *("postgres", "epmd", "rabbitmq", "flink-jobmanager", "flink-taskmanager"),
    *("producer", "stream-job", "bars", "alert-delivery", "retention", "api", "superset"),
}
LOOPBACK = re.compile(r"^(::ffff:)?127\.|^::1$")


@pytest.fixture
def supervisor(stack: RunningStack) -> Supervisor:
    return Supervisor(Paths(stack.var_dir))


def pids(supervisor: Supervisor) -> dict[str, int]:
    return {name: state.pid for name, state in supervisor.states().items()}


def until(condition: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not after {seconds} s"
        time.sleep(0.2)


def generated_files(stack: RunningStack) -> dict[Path, bytes]:
    conf = [stack.var_dir / "flink/conf", stack.var_dir / "rabbitmq", stack.var_dir / "postgres"]
    files = [path for folder in conf for path in folder.glob("*") if path.is_file()]
    files += [stack.env_file, stack.var_dir / "run/supervisord.conf"]
    return {path: path.read_bytes() for path in files if path.suffix != ".pid"}


def test_everything_runs(supervisor: Supervisor) -> None:
    states = supervisor.states()
    assert states.keys() == PROGRAMS
    assert {state.state for state in states.values()} == {"RUNNING"}


def test_another_up_changes_nothing(stack: RunningStack, supervisor: Supervisor) -> None:
    before = pids(supervisor), generated_files(stack)
    result = stack.make("up")
    assert result.returncode == 0, result.stdout
    assert (pids(supervisor), generated_files(stack)) == before


def test_flink_takes_no_program_from_a_page_of_the_web(stack: RunningStack) -> None:
    form = {"jarfile": ("any.jar", b"any", "application/x-java-archive")}
    origin = {"Origin": "http://elsewhere.example"}
    refused = httpx.post(f"{stack.flink_url}/jars/upload", files=form, headers=origin, timeout=10)
    assert (refused.status_code, refused.json()) == (400, {"errors": ["POST request not allowed"]})
    read = httpx.get(f"{stack.flink_url}/jobs/overview", headers=origin, timeout=10)
    assert read.headers["Access-Control-Allow-Origin"] not in {"*", origin["Origin"]}


def test_a_program_that_is_killed_comes_back(stack: RunningStack, supervisor: Supervisor) -> None:
    killed = pids(supervisor)["producer"]
    os.kill(killed, signal.SIGKILL)

    def is_back() -> bool:
        try:
            return pids(supervisor)["producer"] not in {0, killed} and (
                httpx.get(f"{stack.producer_url}/health", timeout=10).is_success
            )
        except httpx.HTTPError:
            return False

    until(is_back)


def test_up_starts_a_program_that_was_stopped(stack: RunningStack, supervisor: Supervisor) -> None:
    servers = ("postgres", "epmd", "rabbitmq", "flink-jobmanager", "flink-taskmanager")
    before = {name: pids(supervisor)[name] for name in servers}
    supervisor.stop("superset")
    assert supervisor.states()["superset"].state == "STOPPED"
    result = stack.ops("up")
    assert result.returncode == 0, result.stdout
    assert httpx.get(f"{stack.superset_url}/health", timeout=60).is_success
    assert {name: pids(supervisor)[name] for name in servers} == before


def test_status_names_each_program_with_its_process_and_address(
    stack: RunningStack, supervisor: Supervisor
) -> None:
    result = stack.ops("status")
    assert result.returncode == 0
    for name, pid in pids(supervisor).items():
        assert re.search(rf"{name}\s+running\s+{pid}\s", result.stdout), result.stdout
    assert stack.superset_url in result.stdout
    assert stack.management_url in result.stdout


def test_no_secret_is_in_a_log(stack: RunningStack) -> None:
    values = assignments(stack.env_file.read_text())
    secrets = {name: values[name].encode() for name in secret_names(TEMPLATE) if values[name]}
    for path in (stack.var_dir / "log").rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert [name for name, value in secrets.items() if value in content] == [], path


def test_files_with_secrets_are_readable_by_their_owner_alone(stack: RunningStack) -> None:
    values = assignments(stack.env_file.read_text())
    secrets = [values[name].encode() for name in secret_names(TEMPLATE)]
    holding = [
        path
        for path, content in generated_files(stack).items()
        if any(secret in content for secret in secrets)
    ]
    assert {path.name for path in holding} == {"env", "supervisord.conf"}
    assert {path.stat().st_mode & 0o777 for path in holding} == {0o600}


def listening_on(process: psutil.Process) -> set[tuple[str, str]]:
    """The name of a process and the addresses that it listens on; none of one that has ended meanwhile."""
    try:
        return {
            (process.name(), connection.laddr.ip)
            for connection in process.net_connections("inet")
            if connection.status == psutil.CONN_LISTEN
        }
    except psutil.NoSuchProcess:  # a session of PostgreSQL, or a command that RabbitMQ runs
        return set()


def test_everything_listens_on_loopback_only(supervisor: Supervisor) -> None:
    families = [psutil.Process(pid) for pid in pids(supervisor).values()]
    processes = [process for parent in families for process in (parent, *parent.children(recursive=True))]
    listening = set[tuple[str, str]]().union(*map(listening_on, processes))
    assert listening
    assert [entry for entry in listening if not LOOPBACK.match(entry[1])] == []


@pytest.mark.parametrize("user", ["guest", "producer"])
def test_the_console_lets_in_neither_guests_nor_services(stack: RunningStack, user: str) -> None:
    password = {"guest": "guest", "producer": stack.env["RABBITMQ_PRODUCER_PASSWORD"]}[user]
    answer = httpx.get(f"{stack.management_url}/api/overview", auth=(user, password), timeout=30)
    assert answer.status_code == httpx.codes.UNAUTHORIZED


def test_postgres_checks_its_pages_and_wants_a_password_from_everybody(stack: RunningStack) -> None:
    connection = stack.psycopg("postgres")
    try:
        with connection.cursor() as cursor:
            cursor.execute("show data_checksums")
            assert cursor.fetchone() == ("on",)
            cursor.execute("select distinct auth_method from pg_hba_file_rules")
            assert cursor.fetchall() == [("scram-sha-256",)]
    finally:
        connection.close()
