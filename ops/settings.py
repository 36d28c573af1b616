"""What the stack is started with: the env file, and the environment over it."""

import os
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from ops.errors import OpsError
from ops.secrets import assignments

REPOSITORY = Path(__file__).resolve().parent.parent
TEMPLATE = REPOSITORY / "env.template"


def env_file() -> Path:
    """The env file in force: `CANDLEWICK_ENV_FILE`, or `.env` in the repository."""
    return (REPOSITORY / os.environ.get("CANDLEWICK_ENV_FILE", ".env")).absolute()


class BrokerAccounts(BaseSettings):
    """Who may do what in the broker."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True)

    rabbitmq_vhost: str = "market"
    rabbitmq_admin_password: SecretStr
    rabbitmq_producer_password: SecretStr
    rabbitmq_job_password: SecretStr
    rabbitmq_api_password: SecretStr


class OpsSettings(BrokerAccounts):
    """The settings that starting the servers needs. Ports are TCP; passwords never leave it unasked."""

    var_dir: Path = Path("var")
    bind_address: str = "127.0.0.1"

    postgres_host: str = "127.0.0.1"
    postgres_port: int = Field(5432, gt=0, lt=65536)
    postgres_db: str = "market"
    postgres_password: SecretStr
    market_reader_password: SecretStr
    superset_db_password: SecretStr

    rabbitmq_host: str = "127.0.0.1"
    rabbitmq_port: int = Field(5672, gt=0, lt=65536)
    rabbitmq_management_port: int = Field(15672, gt=0, lt=65536)
    rabbitmq_prometheus_port: int = Field(15692, gt=0, lt=65536)
    rabbitmq_distribution_port: int = Field(25672, gt=0, lt=65536)
    rabbitmq_epmd_port: int = Field(25673, gt=0, lt=65536)

    flink_host: str = "127.0.0.1"
    flink_rest_port: int = Field(8081, gt=0, lt=65536)
    flink_rpc_port: int = Field(6123, gt=0, lt=65536)
    flink_parallelism: int = Field(1, gt=0)
    flink_jobmanager_memory: str = "1024m"
    flink_taskmanager_memory: str = "2048m"

    producer_host: str = "127.0.0.1"
    producer_port: int = Field(8000, gt=0, lt=65536)
    feeds: str = "auto"
    bundled_history: bool = True

    api_host: str = "127.0.0.1"
    api_port: int = Field(8001, gt=0, lt=65536)

    superset_port: int = Field(8088, gt=0, lt=65536)
    superset_admin_password: SecretStr
    superset_secret_key: SecretStr

    @classmethod
    def load(cls, file: Path) -> Self:
        """Reads them; raises OpsError naming the first setting that is missing or wrong."""
        try:
            return cls(_env_file=file)  # type: ignore[call-arg]
        except ValidationError as error:
            first = error.errors()[0]
            name = str(first["loc"][0]).upper()
            raise OpsError(
                f"{name} in {file}: {first['msg'].lower()}; env.template says what it means"
            ) from None

    @property
    def var(self) -> Path:
        """VAR_DIR as an absolute path; a relative one is relative to the repository."""
        return (REPOSITORY / self.var_dir).resolve()

    @property
    def has_feed(self) -> bool:
        """Whether events come in by themselves, so that there will be candles to wait for."""
        return self.feeds.strip().lower() != "none"


def documented_values(file: Path, template: Path = TEMPLATE) -> dict[str, str]:
    """Every documented setting as it is in force, as text: what programs are started with."""
    names = assignments(template.read_text())
    written = assignments(file.read_text())
    return {name: os.environ.get(name) or written.get(name, "") for name in names}
