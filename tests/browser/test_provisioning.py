"""`superset/provision.py`: it may run at any time, and says what it lacks."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg2
import pytest
from psycopg2 import sql

from tests.browser.provisioning import environment, provision
from tests.browser.superset_api import SupersetApi
from tests.stack import RunningStack

# Superset's log of who did what: an open dashboard adds to it all the time.
ACTIVITY = "logs"
RENAMED = "Renamed by hand"


@dataclass(frozen=True)
class SecondRun:
    """What a run over an edited, but complete Superset has left behind."""

    outcome: subprocess.CompletedProcess[str]
    rows_before: dict[str, int]
    rows_after: dict[str, int]
    charts_before: set[str]
    charts_edited: set[str]
    charts_after: set[str]


@pytest.fixture(scope="module")
def second_run(stack: RunningStack) -> Iterator[SecondRun]:
    with SupersetApi(stack.superset_url, stack.env["SUPERSET_ADMIN_PASSWORD"]) as superset:
        charts = superset.charts("market")
        superset.rename_chart(charts["Last prices"], RENAMED)
        edited = superset.charts("market")
        before = row_counts(stack)
        outcome = provision(environment(stack))
        yield SecondRun(
            outcome, before, row_counts(stack), set(charts), set(edited), set(superset.charts("market"))
        )


def test_provisioning_again_changes_no_row_count(second_run: SecondRun) -> None:
    assert second_run.outcome.returncode == 0, second_run.outcome.stdout
    assert second_run.rows_before["slices"] > 0
    assert second_run.rows_after == second_run.rows_before


def test_provisioning_again_repairs_what_was_edited_by_hand(second_run: SecondRun) -> None:
    assert RENAMED in second_run.charts_edited
    assert second_run.charts_after == second_run.charts_before


@pytest.mark.parametrize(
    "name",
    [
        "SUPERSET_SECRET_KEY",
        "SUPERSET_DB_PASSWORD",
        "SUPERSET_ADMIN_PASSWORD",
        "MARKET_READER_PASSWORD",
    ],
)
def test_a_missing_variable_stops_provisioning_with_a_sentence(stack: RunningStack, name: str) -> None:
    variables = environment(stack)
    del variables[name]
    outcome = provision(variables)
    assert outcome.returncode == 1
    assert outcome.stdout == (
        f"Superset is not provisioned: {name} is not set in the environment; "
        "`make up` hands over what the env file says.\n"
    )


def test_a_default_password_stops_provisioning(stack: RunningStack) -> None:
    outcome = provision({**environment(stack), "SUPERSET_ADMIN_PASSWORD": "admin"})
    assert outcome.returncode == 1
    assert "SUPERSET_ADMIN_PASSWORD needs 8 characters at least" in outcome.stdout


def row_counts(stack: RunningStack) -> dict[str, int]:
    """How many rows each table of Superset's own database has."""
    connection = psycopg2.connect(
        host=stack.env["POSTGRES_HOST"],
        port=stack.env["POSTGRES_PORT"],
        dbname="superset",
        user="superset",
        password=stack.env["SUPERSET_DB_PASSWORD"],
    )
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
            tables = [name for (name,) in cursor.fetchall() if name != ACTIVITY]
            return {table: count_of(cursor, table) for table in tables}
    finally:
        connection.close()


def count_of(cursor: psycopg2.extensions.cursor, table: str) -> int:
    cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
    (count,) = cursor.fetchone() or (0,)
    return int(count)
