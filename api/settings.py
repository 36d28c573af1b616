"""Settings of the read API, from the environment and the env file."""

from __future__ import annotations

import os

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from api.errors import ConfigurationError
from producer.access.hosts import HostNames


class ApiSettings(BaseSettings):
    """What the read API needs to know; each name is an environment variable in upper case."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    api_host: str = "127.0.0.1"
    api_port: int = Field(default=8001, gt=0, lt=65536)
    api_allowed_hosts: HostNames = ()
    api_pool_size: int = Field(default=8, ge=1, le=100)
    api_query_seconds: float = Field(default=5.0, gt=0, le=30)

    flink_host: str = "127.0.0.1"
    flink_rest_port: int = 8081
    rabbitmq_host: str = "127.0.0.1"
    rabbitmq_prometheus_port: int = 15692
    rabbitmq_vhost: str = "market"


def load_settings() -> ApiSettings:
    """Read the settings; the environment wins over the file named by CANDLEWICK_ENV_FILE.

    Raises :class:`ConfigurationError`, which names each setting that is wrong.
    """
    env_file = os.environ.get("CANDLEWICK_ENV_FILE", ".env")
    try:
        return ApiSettings(_env_file=env_file)  # type: ignore[call-arg]  # not seen by the type checker
    except ValidationError as error:
        faults = "; ".join(f"{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in error.errors())
        raise ConfigurationError(f"{faults}. Correct it in {env_file!r} or in the environment.") from None
