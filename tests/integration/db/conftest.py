"""A PostgreSQL server for these tests alone: they change roles and passwords, which a whole server shares."""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from psycopg2.sql import SQL, Identifier

from db.bootstrap import bootstrap
from db.settings import DatabaseSettings, Role
from tests.integration.db.server import Connect, connect_to, superuser, throwaway_server, use

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[DatabaseSettings]:
    """The server, without any database of ours."""
    with throwaway_server() as settings:
        yield settings


@pytest.fixture
def server_log(postgres_server: DatabaseSettings) -> Callable[[], str]:
    """Reads what the server has logged so far."""
    with superuser(postgres_server) as cursor:
        cursor.execute("SHOW data_directory")
        (data,) = cursor.fetchone()
    return (Path(data).parent / "log").read_text


@pytest.fixture
def empty_database(postgres_server: DatabaseSettings) -> Iterator[DatabaseSettings]:
    """A database of its own, made by the real bootstrap, without tables."""
    settings = postgres_server.model_copy(update={"postgres_db": f"candlewick_test_{secrets.token_hex(4)}"})
    bootstrap(settings)
    yield settings
    with superuser(settings) as cursor:
        cursor.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(settings.postgres_db)))


@pytest.fixture
def alembic(empty_database: DatabaseSettings, monkeypatch: pytest.MonkeyPatch) -> Config:
    """The project's own Alembic configuration, on the empty database."""
    use(empty_database, monkeypatch)
    return Config(ROOT / "alembic.ini")


@pytest.fixture
def database(empty_database: DatabaseSettings, alembic: Config) -> DatabaseSettings:
    """A database with all migrations."""
    command.upgrade(alembic, "head")
    return empty_database


@pytest.fixture
def connect(database: DatabaseSettings) -> Iterator[Connect]:
    """Opens autocommitting connections to the migrated database, by role."""
    opened = []

    def open_as(role: Role) -> Any:
        connection = connect_to(database, role, database.postgres_db)
        opened.append(connection)
        return connection

    yield open_as
    for connection in opened:
        connection.close()
