"""The connections of programs that run on."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from db.connection import pooled_engine
from db.settings import DatabaseSettings
from tests.integration.db.server import stopped


@contextmanager
def _disposed(engine: Engine) -> Iterator[Engine]:
    yield engine
    engine.dispose()


def test_postgresql_shows_the_program_and_ends_a_statement_that_takes_too_long(
    database: DatabaseSettings,
) -> None:
    limit = timedelta(seconds=1)  # within which the other statement has to end
    made = pooled_engine(database, "market_writer", program="bars", size=1, statement_timeout=limit)
    with _disposed(made) as engine, engine.connect() as connection:
        assert connection.scalar(text("SHOW application_name")) == "candlewick-bars"
        with pytest.raises(DBAPIError, match="statement timeout"):
            connection.execute(text("SELECT pg_sleep(60)"))


def test_an_outage_between_two_uses_is_not_noticed(database: DatabaseSettings) -> None:
    with _disposed(pooled_engine(database, "market_writer", program="bars", size=1)) as engine:
        first = _server_process(engine.connect())
        with stopped(database):
            pass
        assert _server_process(engine.connect()) != first


def _server_process(connection: Connection) -> object:
    with connection:
        return connection.scalar(text("SELECT pg_backend_pid()"))
