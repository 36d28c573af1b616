"""The job's next revision: this tree and a patch, with a Flink cluster and a database of its own.

It reads the streams of the stack that all tests share, which is otherwise left alone: what is in its database
was written by the next revision, or copied there from the present one.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Final

from psycopg2.sql import SQL, Identifier, Literal

from ops import flink
from ops.paths import Paths
from ops.secrets import assignments
from ops.settings import REPOSITORY, OpsSettings
from tests.stack import RunningStack, free_ports

PATCH: Final = Path(__file__).with_name("next_revision.patch")
FOLDERS: Final = ("db", "stream_job")
DATABASE: Final = "next_revision"
# A JVM that lives for seconds only loses by compiling itself well: 5 CPU-seconds in place of 12.
MAVEN_OPTS: Final = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


@dataclass(frozen=True)
class NextRevision:
    """Its code, and where it runs."""

    tree: Path
    stack: RunningStack

    def go_on_from(self, savepoint: Path) -> Path:
        """Submit the job as `python -m stream_job submit` does; returns the savepoint that it finds."""
        found = self.stack.var_dir / "flink/savepoints" / savepoint.name
        shutil.copytree(savepoint, found)
        _run(self.tree, self.stack, "-m", "stream_job", "submit")
        return found

    def take_rows(self, present: RunningStack, symbols: list[str]) -> None:
        """Copy what the present revision has written of some symbols, then migrate, as an upgrade does."""
        for table in ("candles", "indicators"):
            rows = StringIO()
            with closing(present.psycopg("market_reader")) as source, source.cursor() as cursor:
                chosen = SQL("SELECT * FROM {} WHERE symbol = ANY({})").format(
                    Identifier(table), Literal(symbols)
                )
                cursor.copy_expert(SQL("COPY ({}) TO STDOUT").format(chosen), rows)
            rows.seek(0)
            with closing(self.stack.psycopg("market_writer")) as target, target.cursor() as cursor:
                cursor.copy_expert(SQL("COPY {} FROM STDIN").format(Identifier(table)), rows)
                target.commit()
        _run(self.tree, self.stack, "-m", "alembic", "upgrade", "head")

    def open_interests(self, symbol: str, interval: str) -> dict[datetime, Decimal | None]:
        """The highest open interest of each candle, by its start: what only this revision writes."""
        query = "SELECT bucket_start, highest_open_interest FROM candles WHERE symbol = %s AND interval = %s"
        with closing(self.stack.psycopg("market_reader")) as connection, connection.cursor() as cursor:
            cursor.execute(query, [symbol, interval])
            return {start.astimezone(UTC): highest for start, highest in cursor}


@contextmanager
def next_revision(present: RunningStack, folder: Path) -> Iterator[NextRevision]:
    """Make it, and end what runs of it; its job is not submitted yet, its tables are the present ones."""
    tree = folder / "next"
    _patch(tree)
    stack = _settings(present, folder)
    maven = ["mvn", "-q", "-B", "-f", "stream_job/connector/pom.xml", "package", "-Dmaven.test.skip=true"]
    quickly = {**os.environ, "MAVEN_OPTS": MAVEN_OPTS}
    with ExitStack() as running:
        build = running.enter_context(
            subprocess.Popen(maven, cwd=tree, env=quickly, stdin=subprocess.DEVNULL)
        )
        running.enter_context(_cluster(stack, tree))
        running.enter_context(_database(present, stack))
        _run(tree, stack, "-m", "alembic", "revision", "--autogenerate", "--rev-id", "next", "-m", "next")
        assert build.wait() == 0, "the patched connector does not compile"
        yield NextRevision(tree, stack)


def _patch(tree: Path) -> None:
    for name in FOLDERS:
        leave_out = shutil.ignore_patterns("target", "__pycache__")
        shutil.copytree(REPOSITORY / name, tree / name, ignore=leave_out)
    shutil.copy(REPOSITORY / "alembic.ini", tree)
    # Where the folder lies inside a repository, git would take the paths as that one's.
    alone = {**os.environ, "GIT_CEILING_DIRECTORIES": str(tree.parent)}
    subprocess.run(["git", "apply", str(PATCH)], cwd=tree, env=alone, check=True)


def _settings(present: RunningStack, folder: Path) -> RunningStack:
    rest, rpc = free_ports(2)
    own = {
        "VAR_DIR": str(folder / "var"),
        "POSTGRES_DB": DATABASE,
        "FLINK_REST_PORT": str(rest),
        "FLINK_RPC_PORT": str(rpc),
        "FLINK_TASKMANAGER_MEMORY": "1536m",
    }
    file = folder / "env"
    file.touch(mode=0o600)
    file.write_text("".join(f"{name}={value}\n" for name, value in {**present.env, **own}.items()))
    return RunningStack(file, assignments(file.read_text()))


@contextmanager
def _cluster(stack: RunningStack, tree: Path) -> Iterator[None]:
    with ExitStack() as processes:
        for program in flink.prepare(OpsSettings.load(stack.env_file), Paths(stack.var_dir)):
            log = processes.enter_context((stack.var_dir / f"{program.name}.log").open("wb"))
            process = subprocess.Popen(
                program.command,
                cwd=program.directory,
                # Python inside the TaskManager finds the job's own code there.
                env={**program.environment, **_python_path(tree)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            processes.callback(_kill, process)
        yield


def _kill(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def _database(present: RunningStack, stack: RunningStack) -> Iterator[None]:
    _run(REPOSITORY, stack, "-m", "db.bootstrap")
    try:
        _run(REPOSITORY, stack, "-m", "alembic", "upgrade", "head")
        yield
    finally:
        with closing(present.psycopg("postgres")) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            cursor.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")


def _python_path(tree: Path) -> dict[str, str]:
    return {"PYTHONPATH": f"{flink.HOME.parent}{os.pathsep}{tree}"}


def _run(tree: Path, stack: RunningStack, *arguments: str) -> None:
    environment = {**flink.environment(Paths(stack.var_dir)), **_python_path(tree)}
    subprocess.run(
        [sys.executable, *arguments],
        cwd=tree,
        env={**environment, "CANDLEWICK_ENV_FILE": str(stack.env_file)},
        check=True,
    )
