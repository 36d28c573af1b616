"""A database of these tests' own on the stack's server, with candles that anybody can work out."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg2
import psycopg2.extensions
import pytest
from alembic import command
from alembic.config import Config
from psycopg2.sql import SQL, Identifier
from pydantic import SecretStr

from db.bootstrap import bootstrap
from db.settings import PASSWORD_SETTING, DatabaseSettings, Role
from tests.stack import RunningStack

ROOT = Path(__file__).parents[3]
MONDAY = datetime(2026, 1, 5, 14, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@contextmanager
def own_database(stack: RunningStack) -> Iterator[DatabaseSettings]:
    """Make a migrated database for a while."""
    passwords = {setting.lower(): SecretStr(stack.env[setting]) for setting in PASSWORD_SETTING.values()}
    settings = DatabaseSettings(
        postgres_host=stack.env["POSTGRES_HOST"],
        postgres_port=int(stack.env["POSTGRES_PORT"]),
        postgres_db=f"candlewick_test_{secrets.token_hex(4)}",
        **passwords,  # type: ignore[arg-type]
    )
    bootstrap(settings)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CANDLEWICK_ENV_FILE", "/dev/null")
        for name, value in settings.model_dump().items():
            plain = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
            patch.setenv(name.upper(), plain)
        command.upgrade(Config(ROOT / "alembic.ini"), "head")
    yield settings
    with closing(connect(settings, "postgres", "postgres")) as server, server.cursor() as cursor:
        server.autocommit = True
        cursor.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(settings.postgres_db)))


def connect(
    settings: DatabaseSettings, role: Role, database: str | None = None
) -> psycopg2.extensions.connection:
    connection = psycopg2.connect(
        host=settings.postgres_host,
        port=settings.postgres_port,
        dbname=database or settings.postgres_db,
        user=role,
        password=settings.password(role),
    )
    connection.autocommit = True
    return connection


class Market:
    """Writes what the tests read."""

    def __init__(self, settings: DatabaseSettings) -> None:
        self._connection = connect(settings, "market_writer")
        self.owner = connect(settings, "market_owner")

    def close(self) -> None:
        self._connection.close()
        self.owner.close()

    def insert(self, table: str, **row: Any) -> None:
        statement = SQL("INSERT INTO {} ({}) VALUES ({})").format(
            Identifier(table),
            SQL(", ").join(map(Identifier, row)),
            SQL(", ").join(SQL("%s") for _ in row),
        )
        with self._connection.cursor() as cursor:
            cursor.execute(statement, list(row.values()))

    def source(self, name: str, kind: str) -> None:
        self.insert("data_sources", name=name, kind=kind, description=f"{name}, for tests")

    def asset(self, symbol: str, *, source: str = "coinbase", calendar: str = "24/7", **row: Any) -> None:
        row.setdefault("asset_class", "crypto")
        self.insert("assets", symbol=symbol, source=source, calendar=calendar, **row)

    def candle(self, symbol: str, start: datetime, close: object, **row: Any) -> None:
        """Write a candle whose four prices are its close, unless they are given."""
        given = {"interval": "1m", "volume": 1, "trade_count": 1, "is_final": True, "is_partial": False}
        given |= {"revision": 3, "origin": "stream", "source": "coinbase"}
        prices = dict.fromkeys(("open", "high", "low"), close)
        self.insert("candles", symbol=symbol, bucket_start=start, close=close, **{**given, **prices, **row})
