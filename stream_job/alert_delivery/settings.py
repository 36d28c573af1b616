"""Settings of the delivery of alerts, read from the environment and the env file."""

import base64
import binascii
import os
from typing import Annotated, Final, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from stream_job.errors import AlertSettingsError

# What Standard Webhooks asks for: enough that nobody guesses it, and no more than an HMAC makes use of.
SECRET_BYTES: Final = range(24, 65)
PREFIX: Final = "whsec_"


class AlertSettings(BaseSettings):
    """What delivering alerts needs to know; each name is an environment variable in upper case.

    `alert_webhook_secret` has several secrets while receivers change over from one to the other.
    """

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    rabbitmq_host: str = "127.0.0.1"
    rabbitmq_port: int = 5672
    rabbitmq_vhost: str = "market"
    rabbitmq_job_password: SecretStr = SecretStr("")

    alert_webhook_secret: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    alert_smtp_host: str = ""
    alert_smtp_port: int = Field(default=587, gt=0, lt=65536)
    alert_smtp_user: str = ""
    alert_smtp_password: SecretStr = SecretStr("")
    alert_smtp_from: str = ""

    @field_validator("alert_webhook_secret", mode="before")
    @classmethod
    def _split_commas(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",")) if isinstance(value, str) else value

    @field_validator("alert_webhook_secret")
    @classmethod
    def _are_keys(cls, secrets: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for number, secret in enumerate(secrets, start=1):
            if not _is_key(secret.get_secret_value().removeprefix(PREFIX)):
                which = "it" if len(secrets) == 1 else f"secret {number} of {len(secrets)}, by the commas,"
                raise ValueError(
                    f"{which} must be {SECRET_BYTES.start} to {SECRET_BYTES.stop - 1} bytes in base64, as "
                    f"`openssl rand -base64 32` prints them"
                )
        return secrets

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.alert_smtp_host and not self.alert_smtp_from:
            raise ValueError("ALERT_SMTP_HOST is set without ALERT_SMTP_FROM, from whom the e-mails come")
        if bool(self.alert_smtp_user) != bool(self.alert_smtp_password.get_secret_value()):
            raise ValueError("ALERT_SMTP_USER and ALERT_SMTP_PASSWORD go together: set both or none")
        return self

    @classmethod
    def load(cls) -> Self:
        """The environment, and under it the file that `CANDLEWICK_ENV_FILE` names (default `.env`).

        Raises:
            AlertSettingsError: a setting is wrong; the sentence names it, and never its value.
        """
        env_file = os.environ.get("CANDLEWICK_ENV_FILE", ".env")
        try:
            return cls(_env_file=env_file)  # type: ignore[call-arg]
        except ValidationError as error:
            faults = (
                ": ".join(filter(None, (".".join(map(str, fault["loc"])).upper(), fault["msg"])))
                for fault in error.errors()
            )
            raise AlertSettingsError(
                f"{'; '.join(faults)}. Correct it in {env_file!r} or in the environment."
            ) from None


def _is_key(text: str) -> bool:
    try:
        return len(base64.b64decode(text + "=" * (-len(text) % 4), validate=True)) in SECRET_BYTES
    except binascii.Error:
        return False
