"""A throwaway PostgreSQL server, and ways into it."""

import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from pydantic import SecretStr

from db.settings import DatabaseSettings, Role
from ops.accounts import server_user
from ops.postgres import binaries
from tests.stack import free_ports

Connect = Callable[[Role], Any]


@contextmanager
def throwaway_server() -> Iterator[DatabaseSettings]:
    """A fresh server that asks for passwords; the settings hold one for every role."""
    settings = DatabaseSettings(
        postgres_host="127.0.0.1",
        postgres_port=free_ports(1)[0],
        postgres_password=SecretStr(secrets.token_hex(8)),
        market_owner_password=SecretStr(secrets.token_hex(8)),
        market_writer_password=SecretStr(secrets.token_hex(8)),
        # Quotes and spaces must survive SQL and addresses alike.
        market_reader_password=SecretStr('p@ss\'word "100%"/:'),
        superset_db_password=SecretStr(secrets.token_hex(8)),
    )
    # Not pytest's tmp_path: the server's user may not enter it.
    with tempfile.TemporaryDirectory(prefix="candlewick-db-") as name:
        folder = Path(name)
        _initialise(folder, settings.password("postgres"))
        _start(folder, settings)
        try:
            yield settings
        finally:
            _run(folder, "pg_ctl", "stop", "-m", "immediate")


@contextmanager
def stopped(settings: DatabaseSettings) -> Iterator[None]:
    """The server is down inside, and back afterwards with all its data."""
    with superuser(settings) as cursor:
        cursor.execute("SHOW data_directory")
        (data,) = cursor.fetchone()
    folder = Path(data).parent
    _run(folder, "pg_ctl", "stop", "-m", "fast")
    try:
        yield
    finally:
        _start(folder, settings)


def _start(folder: Path, settings: DatabaseSettings) -> None:
    # log_statement=all: "no password is in the log" means something only where everything else is.
    options = (
        f"-c port={settings.postgres_port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
        " -c fsync=off -c shared_buffers=32MB -c log_statement=all"
    )
    _run(folder, "pg_ctl", "start", "-w", "-t", "60", "-l", str(folder / "log"), "-o", options)


def _initialise(folder: Path, superuser_password: str) -> None:
    password = folder / "password"
    password.write_text(superuser_password)
    if (user := server_user("postgres")) is not None:
        shutil.chown(password, user)
        shutil.chown(folder, user)
    _run(
        folder, "initdb", "-U", "postgres", "--auth", "scram-sha-256", "--pwfile", str(password), "--no-sync"
    )


def _run(folder: Path, program: str, *arguments: str) -> None:
    subprocess.run(
        [str(binaries() / program), "-D", str(folder / "data"), *arguments],
        user=server_user("postgres"),
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        check=True,
    )


def connect_to(settings: DatabaseSettings, role: Role, database: str) -> Any:
    """An autocommitting connection."""
    connection = psycopg2.connect(
        host=settings.postgres_host,
        port=settings.postgres_port,
        user=role,
        password=settings.password(role),
        dbname=database,
        connect_timeout=60,
    )
    connection.autocommit = True
    return connection


@contextmanager
def superuser(settings: DatabaseSettings, database: str = "postgres") -> Iterator[Any]:
    """A cursor of the superuser."""
    with closing(connect_to(settings, "postgres", database)) as connection, connection.cursor() as cursor:
        yield cursor


def use(settings: DatabaseSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes these the settings that a command reads."""
    monkeypatch.setenv("CANDLEWICK_ENV_FILE", "/dev/null")
    for name, value in settings.model_dump().items():
        plain = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        monkeypatch.setenv(name.upper(), plain)
