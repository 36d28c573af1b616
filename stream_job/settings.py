"""Settings of the streaming job, read from the environment and the env file."""

import os
from pathlib import Path
from typing import Self
from urllib.parse import quote

from pydantic import Field, PositiveInt, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

DEFAULT_JAR = Path(__file__).parent / "connector/target/candlewick-connector.jar"


class JobSettings(BaseSettings):
    """What the job needs to know; each name is an environment variable in upper case."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    var_dir: Path = Path("var")
    connector_jar: Path = DEFAULT_JAR

    rabbitmq_host: str = "127.0.0.1"
    rabbitmq_port: int = 5672
    rabbitmq_vhost: str = "market"
    rabbitmq_job_password: SecretStr = SecretStr("")
    event_shards: int = Field(default=4, ge=1, le=1024)

    flink_host: str = "127.0.0.1"
    flink_rest_port: int = 8081
    flink_parallelism: PositiveInt = 1

    snapshots_enabled: bool = True
    job_checkpoint_seconds: PositiveInt = 10
    job_out_of_orderness_ms: int = Field(default=2000, ge=0)
    job_idleness_seconds: PositiveInt = 30
    alert_rules_seconds: PositiveInt = 5
    """How often the alert rules are read from the database."""
    job_bounded: bool = False
    """Whether the job ends where the streams end when it starts: for benchmarks."""

    @classmethod
    def load(cls) -> Self:
        """The environment, and under it the file that `CANDLEWICK_ENV_FILE` names (default `.env`)."""
        return cls(_env_file=os.environ.get("CANDLEWICK_ENV_FILE", ".env"))  # type: ignore[call-arg]

    @property
    def amqp_uri(self) -> str:
        """Where the job reads events, with its password: not for a log."""
        password = quote(self.rabbitmq_job_password.get_secret_value(), safe="")
        vhost = quote(self.rabbitmq_vhost, safe="")
        return f"amqp://stream_job:{password}@{self.rabbitmq_host}:{self.rabbitmq_port}/{vhost}"

    @property
    def queues(self) -> list[str]:
        """The stream queues, one a shard."""
        return [f"market.events.{shard}" for shard in range(self.event_shards)]

    @property
    def rest_url(self) -> str:
        """Flink's REST API."""
        return f"http://{self.flink_host}:{self.flink_rest_port}"

    @property
    def checkpoints(self) -> Path:
        """Where the cluster keeps checkpoints; it outlives every process."""
        return self.var_dir.resolve() / "flink" / "checkpoints"

    @property
    def savepoints(self) -> Path:
        """Where a stop leaves its savepoint."""
        return self.var_dir.resolve() / "flink" / "savepoints"
