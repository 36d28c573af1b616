"""The database's settings come from the environment and the env file."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from db.errors import MissingPasswordError
from db.settings import PASSWORD_SETTING, DatabaseSettings, Role


@pytest.fixture
def env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty env file, and none of our settings in the environment."""
    for field in DatabaseSettings.model_fields:
        monkeypatch.delenv(field.upper(), raising=False)
    file = tmp_path / "test.env"
    file.touch()
    monkeypatch.setenv("CANDLEWICK_ENV_FILE", str(file))
    return file


def test_the_file_that_the_environment_names_is_read(env_file: Path) -> None:
    env_file.write_text("POSTGRES_PORT=7777\nUNKNOWN=1\n")
    assert DatabaseSettings().postgres_port == 7777


def test_the_environment_wins_over_the_file(env_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env_file.write_text("POSTGRES_HOST=file\n")
    monkeypatch.setenv("POSTGRES_HOST", "environment")
    assert DatabaseSettings().postgres_host == "environment"


@pytest.mark.parametrize("role", PASSWORD_SETTING)
def test_each_role_logs_in_with_the_password_of_its_setting(env_file: Path, role: Role) -> None:
    env_file.write_text(f"{PASSWORD_SETTING[role]}=open sesame\n")
    url = DatabaseSettings().url(role)
    assert (url.username, url.password) == (role, "open sesame")


def test_superset_has_a_database_of_its_own(env_file: Path) -> None:
    env_file.write_text("SUPERSET_DB_PASSWORD=s\nMARKET_READER_PASSWORD=r\nPOSTGRES_DB=elsewhere\n")
    settings = DatabaseSettings()
    assert settings.url("superset").database == "superset"
    assert settings.url("market_reader").database == "elsewhere"


def test_a_password_with_special_characters_survives_the_address(env_file: Path) -> None:
    env_file.write_text("MARKET_READER_PASSWORD='p@ss/w:rd%20'\n")
    assert (
        DatabaseSettings().url("market_reader").render_as_string(hide_password=False)
        == "postgresql+psycopg2://market_reader:p%40ss%2Fw%3Ard%2520@127.0.0.1:5432/market"
    )


@pytest.mark.parametrize("line", ["", "MARKET_WRITER_PASSWORD=\n"])
def test_a_password_that_is_absent_or_empty_is_named_when_it_is_needed(env_file: Path, line: str) -> None:
    env_file.write_text(line)
    with pytest.raises(MissingPasswordError, match="MARKET_WRITER_PASSWORD is not set"):
        DatabaseSettings().url("market_writer")


def test_settings_do_not_show_passwords(env_file: Path) -> None:
    env_file.write_text("MARKET_WRITER_PASSWORD=secret-1\n")
    settings = DatabaseSettings()
    assert "secret-1" not in f"{settings!r} {settings} {settings.url('market_writer')}"


@pytest.mark.usefixtures("env_file")
def test_java_gets_an_address_without_a_password() -> None:
    assert DatabaseSettings().jdbc_url() == (
        "jdbc:postgresql://127.0.0.1:5432/market?reWriteBatchedInserts=true"
    )


@pytest.mark.parametrize("days", ["0", "-1", "many"])
@pytest.mark.parametrize(
    "setting",
    [
        "SNAPSHOTS_RETENTION_DAYS",
        "FORECASTS_HOURLY_RETENTION_DAYS",
        "FORECASTS_DAILY_RETENTION_DAYS",
        "ALERTS_RETENTION_DAYS",
    ],
)
def test_a_retention_that_would_drop_everything_is_refused(env_file: Path, setting: str, days: str) -> None:
    env_file.write_text(f"{setting}={days}\n")
    with pytest.raises(ValidationError, match=setting.lower()):
        DatabaseSettings()
