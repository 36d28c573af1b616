"""Where the database is and how each role logs in."""

import os
from typing import Literal

from pydantic import PositiveInt, SecretStr
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from sqlalchemy import URL

from db.errors import MissingPasswordError

Role = Literal["postgres", "market_owner", "market_writer", "market_reader", "superset"]

PASSWORD_SETTING: dict[Role, str] = {
    "postgres": "POSTGRES_PASSWORD",
    "market_owner": "MARKET_OWNER_PASSWORD",
    "market_writer": "MARKET_WRITER_PASSWORD",
    "market_reader": "MARKET_READER_PASSWORD",
    "superset": "SUPERSET_DB_PASSWORD",
}


class DatabaseSettings(BaseSettings):
    """The environment, and under it the file that `CANDLEWICK_ENV_FILE` names (default `.env`).

    A service needs only the passwords of the roles it uses: a missing one is an error when it is asked for.
    """

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    postgres_host: str = "127.0.0.1"
    postgres_port: int = 5432
    postgres_db: str = "market"
    postgres_password: SecretStr | None = None
    market_owner_password: SecretStr | None = None
    market_writer_password: SecretStr | None = None
    market_reader_password: SecretStr | None = None
    superset_db_password: SecretStr | None = None
    snapshots_retention_days: PositiveInt = 30
    forecasts_hourly_retention_days: PositiveInt = 90
    forecasts_daily_retention_days: PositiveInt = 730
    alerts_retention_days: PositiveInt = 365

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Reads the name of the file when the settings are made, not when this module is imported."""
        env_file = os.environ.get("CANDLEWICK_ENV_FILE", ".env")
        return init_settings, env_settings, DotEnvSettingsSource(settings_cls, env_file=env_file)

    def password(self, role: Role) -> str:
        """The password of a role.

        Raises:
            MissingPasswordError: its setting is absent or empty.
        """
        setting = PASSWORD_SETTING[role]
        secret: SecretStr | None = getattr(self, setting.lower())
        if secret is None:
            raise MissingPasswordError(setting, role)
        return secret.get_secret_value()

    def url(self, role: Role) -> URL:
        """The address of the database that the role works in: its own for `superset`, else the market's.

        Raises:
            MissingPasswordError: the role's password is not set.
        """
        return URL.create(
            "postgresql+psycopg2",
            username=role,
            password=self.password(role),
            host=self.postgres_host,
            port=self.postgres_port,
            database="superset" if role == "superset" else self.postgres_db,
        )

    def jdbc_url(self) -> str:
        """The market database for Java, without user and password."""
        # Without the rewriting, a batch of inserts is one round trip a row.
        return (
            f"jdbc:postgresql://{self.postgres_host}:{self.postgres_port}/{self.postgres_db}"
            "?reWriteBatchedInserts=true"
        )
