"""E-mail over SMTP: TLS from the start on port 465, elsewhere by STARTTLS.

A password is never sent in the clear: with a user set, a server without STARTTLS is refused.
"""

import asyncio
from datetime import datetime
from typing import Final

import aiosmtplib

from stream_job.alert_delivery.alert import Alert
from stream_job.alert_delivery.settings import AlertSettings
from stream_job.errors import AlertUndeliveredError

TIMEOUT_SECONDS: Final = 30.0
TLS_PORT: Final = 465
NOT_ACCEPTED_FOR_GOOD: Final = range(550, 560)


class EmailChannel:
    """Sends alerts through the SMTP server of the settings; off as long as that has no host."""

    def __init__(self, settings: AlertSettings, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._settings = settings
        self._timeout_seconds = timeout_seconds

    async def send(self, alert: Alert, now: datetime) -> None:
        """Send one alert.

        Raises:
            AlertUndeliveredError: the server did not accept it, or is not known to have.
        """
        settings = self._settings
        if not settings.alert_smtp_host:
            raise AlertUndeliveredError("e-mail is off: set ALERT_SMTP_HOST and ALERT_SMTP_FROM")
        server = f"the SMTP server {settings.alert_smtp_host}:{settings.alert_smtp_port}"
        user = settings.alert_smtp_user or None
        has_tls = settings.alert_smtp_port == TLS_PORT
        try:
            async with asyncio.timeout(self._timeout_seconds):
                await aiosmtplib.send(
                    alert.email(settings.alert_smtp_from, now),
                    hostname=settings.alert_smtp_host,
                    port=settings.alert_smtp_port,
                    username=user,
                    password=settings.alert_smtp_password.get_secret_value() or None,
                    use_tls=has_tls,
                    # None: where the server offers it.
                    start_tls=False if has_tls else (True if user else None),
                    timeout=self._timeout_seconds,
                )
        except TimeoutError:
            raise AlertUndeliveredError(
                f"{server} did not answer within {self._timeout_seconds:g} s"
            ) from None
        except aiosmtplib.SMTPRecipientsRefused as error:
            said = "; ".join(f"{one.code} {_line(one.message)}" for one in error.recipients)
            raise AlertUndeliveredError(
                f"{server} refused the address: {said}",
                is_final=all(one.code in NOT_ACCEPTED_FOR_GOOD for one in error.recipients),
            ) from None
        except (aiosmtplib.SMTPException, OSError) as error:
            raise AlertUndeliveredError(f"{server} did not take the e-mail: {_reason(error)}") from None

    async def close(self) -> None:
        """Do nothing: each e-mail has a connection of its own."""


def _reason(error: Exception) -> str:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"{error.code} {_line(error.message)}"
    return _line(str(error))


def _line(text: str) -> str:
    return " ".join(text.split())
