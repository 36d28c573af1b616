"""Roles and databases are made, repaired, rotated, and their failures explained."""

from collections.abc import Callable
from contextlib import closing
from typing import Any

import psycopg2
import pytest
from pydantic import SecretStr

from db import bootstrap
from db.errors import DatabaseError
from db.settings import DatabaseSettings, Role
from tests.integration.db.server import connect_to, superuser, use

STATE = """
    SELECT rolname, row_to_json(pg_roles)::jsonb - 'rolpassword' FROM pg_roles WHERE rolname !~ '^pg_'
    UNION ALL SELECT datname, jsonb_build_array(datdba::regrole, datacl::text, datcollate, datctype)
    FROM pg_database
    UNION ALL SELECT 'settings', to_jsonb(pg_db_role_setting) FROM pg_db_role_setting
"""


def state(settings: DatabaseSettings) -> list[Any]:
    with superuser(settings) as cursor:
        cursor.execute(STATE)
        return sorted(cursor.fetchall(), key=str)


def log_in(settings: DatabaseSettings, role: Role, database: str) -> None:
    connect_to(settings, role, database).close()


def test_running_again_changes_nothing(empty_database: DatabaseSettings) -> None:
    before = state(empty_database)
    bootstrap.bootstrap(empty_database)
    assert state(empty_database) == before


def test_a_changed_password_takes_the_place_of_the_old_one(empty_database: DatabaseSettings) -> None:
    rotated = empty_database.model_copy(update={"market_writer_password": SecretStr("new one")})
    bootstrap.bootstrap(rotated)
    log_in(rotated, "market_writer", rotated.postgres_db)
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        log_in(empty_database, "market_writer", rotated.postgres_db)
    bootstrap.bootstrap(empty_database)


def test_an_attribute_that_someone_gave_to_a_role_is_taken_back(empty_database: DatabaseSettings) -> None:
    before = state(empty_database)
    with superuser(empty_database) as cursor:
        cursor.execute("ALTER ROLE market_reader SUPERUSER CREATEDB")
        cursor.execute("ALTER ROLE market_reader RESET statement_timeout")
    bootstrap.bootstrap(empty_database)
    assert state(empty_database) == before


@pytest.mark.parametrize(
    ("role", "stays_out_of"),
    [("market_reader", "superset"), ("market_writer", "superset"), ("superset", "market")],
)
def test_a_role_cannot_enter_a_database_that_is_not_its_own(
    empty_database: DatabaseSettings, role: Role, stays_out_of: str
) -> None:
    database = empty_database.postgres_db if stays_out_of == "market" else stays_out_of
    with pytest.raises(psycopg2.OperationalError, match="permission denied for database"):
        log_in(empty_database, role, database)


def test_superset_owns_its_database_and_can_make_tables_there(empty_database: DatabaseSettings) -> None:
    with closing(connect_to(empty_database, "superset", "superset")) as connection:
        connection.autocommit = False
        connection.cursor().execute("CREATE TABLE mine (id int)")
        connection.rollback()


def test_no_password_and_no_verifier_gets_into_the_servers_log(
    empty_database: DatabaseSettings, server_log: Callable[[], str]
) -> None:
    with superuser(empty_database) as cursor:
        cursor.execute("SELECT 'the log holds statements'")
    log = server_log()
    assert "the log holds statements" in log
    assert "SCRAM-SHA-256$" not in log
    assert empty_database.password("market_writer") not in log


def test_the_command_says_what_is_ready_without_any_password(
    empty_database: DatabaseSettings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use(empty_database, monkeypatch)
    assert bootstrap.main() == 0
    output = capsys.readouterr().out
    assert f"databases {empty_database.postgres_db}, superset are ready" in output
    assert empty_database.password("market_writer") not in output


def test_a_wrong_superuser_password_is_explained_and_not_repeated(
    postgres_server: DatabaseSettings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use(postgres_server.model_copy(update={"postgres_password": SecretStr("not-it")}), monkeypatch)
    assert bootstrap.main() == 1
    error = capsys.readouterr().err
    assert "the password is wrong" in error
    assert "not-it" not in error


def test_a_server_that_is_not_there_is_explained(postgres_server: DatabaseSettings) -> None:
    with pytest.raises(DatabaseError, match=r"127\.0\.0\.1:1/postgres: nothing listens there"):
        bootstrap.bootstrap(postgres_server.model_copy(update={"postgres_port": 1}))


def test_nothing_is_changed_when_a_password_is_missing(empty_database: DatabaseSettings) -> None:
    before = state(empty_database)
    with pytest.raises(DatabaseError, match="SUPERSET_DB_PASSWORD is not set"):
        bootstrap.bootstrap(empty_database.model_copy(update={"superset_db_password": None}))
    assert state(empty_database) == before
