"""Settings of the live feeds, from the environment and the env file."""

from __future__ import annotations

import os
from typing import Self

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from api.errors import ConfigurationError
from producer.broker import BrokerAddress

BROKER_USER = "api"


class LiveSettings(BaseSettings):
    """What the live feeds need to know; each name is an environment variable in upper case."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    rabbitmq_host: str = "127.0.0.1"
    rabbitmq_port: int = 5672
    rabbitmq_vhost: str = "market"
    rabbitmq_api_password: SecretStr = SecretStr("")
    event_shards: int = Field(default=4, ge=1, le=1024)
    api_live_clients: int = Field(default=2_000, ge=1)

    @classmethod
    def load(cls) -> Self:
        """Read them; the environment wins over the file named by CANDLEWICK_ENV_FILE.

        Raises :class:`ConfigurationError`, which names each setting that is wrong.
        """
        env_file = os.environ.get("CANDLEWICK_ENV_FILE", ".env")
        try:
            return cls(_env_file=env_file)  # type: ignore[call-arg]  # not seen by the type checker
        except ValidationError as error:
            faults = "; ".join(f"{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in error.errors())
            raise ConfigurationError(f"{faults}. Correct it in {env_file!r} or in the environment.") from None

    @property
    def broker(self) -> BrokerAddress:
        """The broker, as the user that may read the events and nothing else."""
        password = self.rabbitmq_api_password.get_secret_value()
        return BrokerAddress(
            self.rabbitmq_host, self.rabbitmq_port, self.rabbitmq_vhost, BROKER_USER, password
        )
