"""Webhooks as Standard Webhooks 1.0 says: a signed POST, and any answer but a success is a failure.

A receiver may be anywhere, also in one's own network; so it is never followed to where it redirects, and of
what it answers nothing but the status is read.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

import httpx
from pydantic import SecretStr
from standardwebhooks import Webhook

from stream_job.alert_delivery.alert import Alert
from stream_job.errors import AlertUndeliveredError

# For all of it: to connect, to send, and until the head of the answer is there.
TIMEOUT_SECONDS: Final = 15.0


class WebhookChannel:
    """Sends alerts by POST, signed with each of the secrets."""

    def __init__(self, secrets: Sequence[SecretStr], timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._secrets = secrets
        self._timeout_seconds = timeout_seconds
        # Of each step; the whole has a deadline of its own, or a receiver could drip bytes for ever.
        self._client = httpx.AsyncClient(follow_redirects=False, timeout=timeout_seconds)

    async def send(self, alert: Alert, now: datetime) -> None:
        """Send one alert.

        Raises:
            AlertUndeliveredError: it was not accepted, or not known to be.
        """
        assert alert.target is not None  # noqa: S101  # what has none is cancelled before
        url = httpx.URL(alert.target)
        # Not the whole address, in which some receivers have a secret.
        receiver = f"the webhook at {url.host}"
        try:
            async with asyncio.timeout(self._timeout_seconds):
                status = await self._post(url, alert, now)
        except TimeoutError:
            raise AlertUndeliveredError(
                f"{receiver} did not answer within {self._timeout_seconds:g} s"
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise AlertUndeliveredError(f"{receiver} cannot be reached: {_reason(error)}") from None
        _check(receiver, status)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _post(self, url: httpx.URL, alert: Alert, now: datetime) -> int:
        headers = {"Content-Type": "application/json", "User-Agent": "candlewick"}
        headers |= signed(self._secrets, alert.message_id, now, alert.body)
        async with self._client.stream("POST", url, content=alert.body, headers=headers) as response:
            return response.status_code


def signed(secrets: Sequence[SecretStr], message_id: str, now: datetime, body: bytes) -> dict[str, str]:
    """The three headers: an id that does not change with an attempt, its time, and the signatures of all.

    There is a signature of each secret, so that a receiver needs to know only one of them.

    Raises:
        AlertUndeliveredError: there is no secret.
    """
    if not secrets:
        raise AlertUndeliveredError("webhooks are off: set ALERT_WEBHOOK_SECRET, with which they are signed")
    moment = now.astimezone(UTC).replace(microsecond=0)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(
            Webhook(secret.get_secret_value()).sign(message_id, moment, body.decode()) for secret in secrets
        ),
    }


def _check(receiver: str, status: int) -> None:
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return
    try:
        answer = f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        answer = str(status)
    if status == HTTPStatus.GONE:
        raise AlertUndeliveredError(
            f"{receiver} answered {answer}: it wants no more, so take it out of the rule", is_final=True
        )
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        raise AlertUndeliveredError(
            f"{receiver} answered {answer}, and a redirect is not followed: put its new address into the rule"
        )
    raise AlertUndeliveredError(f"{receiver} answered {answer}")


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
