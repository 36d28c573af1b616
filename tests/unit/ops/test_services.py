"""Each program gets the settings and secrets that it needs, and no other secret."""

from pathlib import Path

import pytest

from ops import services
from ops.flink import java_home
from ops.paths import Paths
from ops.secrets import assignments, secret_names
from ops.services import Variables
from ops.settings import TEMPLATE, OpsSettings

SECRETS = secret_names(TEMPLATE)


@pytest.fixture
def variables(tmp_path: Path) -> Variables:
    values = {
        name: f"secret-of-{name}" if name in SECRETS else value
        for name, value in assignments(TEMPLATE.read_text()).items()
    }
    return Variables(values, SECRETS, tmp_path)


def test_the_job_gets_two_passwords(tmp_path: Path, variables: Variables) -> None:
    environment = services.job_environment(Paths(tmp_path), variables)
    assert SECRETS & environment.keys() == {"RABBITMQ_JOB_PASSWORD", "MARKET_WRITER_PASSWORD"}
    assert environment["VAR_DIR"] == str(tmp_path)


def test_the_consumer_of_bars_gets_the_same_two_passwords(variables: Variables) -> None:
    environment = services.bars(variables).environment
    assert SECRETS & environment.keys() == {"RABBITMQ_JOB_PASSWORD", "MARKET_WRITER_PASSWORD"}


def test_the_delivery_of_alerts_gets_the_secret_that_signs_them_as_well(variables: Variables) -> None:
    environment = services.alert_delivery(variables).environment
    assert SECRETS & environment.keys() == {
        "RABBITMQ_JOB_PASSWORD",
        "MARKET_WRITER_PASSWORD",
        "ALERT_WEBHOOK_SECRET",
    }
    assert environment["ALERT_SMTP_PORT"] == "587"


def test_superset_is_served_without_the_administrators_password(tmp_path: Path, variables: Variables) -> None:
    environment = services.superset(settings_of(tmp_path), Paths(tmp_path), variables).environment
    assert SECRETS & environment.keys() == {"SUPERSET_DB_PASSWORD", "SUPERSET_SECRET_KEY"}


def test_superset_knows_where_the_chart_page_is(tmp_path: Path, variables: Variables) -> None:
    environment = services.superset(settings_of(tmp_path), Paths(tmp_path), variables).environment
    assert (environment["API_HOST"], environment["API_PORT"]) == ("127.0.0.1", "8001")


def test_the_producer_cannot_reach_the_superuser_or_the_console(tmp_path: Path, variables: Variables) -> None:
    environment = services.producer(settings_of(tmp_path), variables).environment
    assert SECRETS & environment.keys() == {
        "RABBITMQ_PRODUCER_PASSWORD",
        "MARKET_WRITER_PASSWORD",
        "PRODUCER_API_KEY",
    }


def test_retention_gets_the_owners_password_alone_and_how_long_rows_are_kept(variables: Variables) -> None:
    environment = services.retention(variables).environment
    assert SECRETS & environment.keys() == {"MARKET_OWNER_PASSWORD"}
    assert {name: days for name, days in environment.items() if name.endswith("_RETENTION_DAYS")} == {
        "SNAPSHOTS_RETENTION_DAYS": "30",
        "FORECASTS_HOURLY_RETENTION_DAYS": "90",
        "FORECASTS_DAILY_RETENTION_DAYS": "730",
        "ALERTS_RETENTION_DAYS": "365",
    }


def test_java_is_new_enough() -> None:
    assert (Path(java_home()) / "bin/java").exists()


def settings_of(var: Path) -> OpsSettings:
    return OpsSettings.model_validate({"var_dir": var} | {name.lower(): "x" * 32 for name in SECRETS})
