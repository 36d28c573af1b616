"""Asking a provider over HTTP, with a key that shows nowhere: not in errors, not in any log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import cached_property
from ssl import SSLContext
from urllib.parse import quote
from urllib.request import getproxies, proxy_bypass

import httpx
from pydantic import SecretStr

from producer.errors import ProviderError, Soon
from producer.events import MICROSECONDS_PER_SECOND, to_micros
from producer.polling.clock import Clock

REQUEST_TIMEOUT_SECONDS = 15.0
REDACTED = "<key>"
SHOWN_CHARACTERS = 200


@dataclass(frozen=True)
class Reply:
    """What came back: ``text`` is without the key, times are microseconds since the epoch, UTC.

    ``retry_at`` is when the header Retry-After allows the next call, None without one.
    """

    status: int
    text: str
    received: int
    retry_at: int | None

    @property
    def said(self) -> str:
        """The beginning of the text, in one line, to be quoted in an error."""
        return " ".join(self.text.split())[:SHOWN_CHARACTERS] or "nothing"


@dataclass(frozen=True)
class Credentials:
    """What lets us in: secrets by the name of the parameter or of the header that they are sent in."""

    parameters: Mapping[str, SecretStr] = field(default_factory=dict)
    headers: Mapping[str, SecretStr] = field(default_factory=dict)

    def redacted(self, text: str) -> str:
        """Return a text without the secrets, however they are written in it."""
        for secret in (*self.parameters.values(), *self.headers.values()):
            if not (key := secret.get_secret_value()):
                continue
            text = text.replace(key, REDACTED).replace(quote(key, safe=""), REDACTED)
        return text


@dataclass(frozen=True)
class RestServer:
    """A provider's address; ``setting`` names it in the settings."""

    name: str
    url: str
    setting: str
    clock: Clock
    credentials: Credentials = field(default_factory=Credentials)

    async def get(self, path: str, parameters: Mapping[str, str]) -> Reply:
        """Ask once; raises :class:`ProviderError` when there is no answer at all."""
        url = httpx.URL(f"{self.url.rstrip('/')}/{path}")
        transport = _SecretAdding(
            httpx.AsyncHTTPTransport(verify=self._tls, proxy=proxy_for(url)), self.credentials
        )
        try:
            async with httpx.AsyncClient(transport=transport, timeout=REQUEST_TIMEOUT_SECONDS) as client:
                response = await client.get(url, params=parameters)
        except httpx.HTTPError as error:
            reason = self.credentials.redacted(str(error)) or type(error).__name__
            # Without its cause, whose text is not ours.
            raise ProviderError(
                f"{self.name} cannot be reached at {url}: {reason}. Check the network, or {self.setting}.",
                retry=Soon(),
            ) from None
        received = self.clock.now()
        return Reply(
            response.status_code,
            self.credentials.redacted(response.text),
            received,
            _retry_at(response, received),
        )

    @cached_property
    def _tls(self) -> SSLContext:
        return httpx.create_ssl_context()


class _SecretAdding(httpx.AsyncBaseTransport):
    """Adds secrets below httpx's client, which logs every address that it asks."""

    def __init__(self, transport: httpx.AsyncBaseTransport, credentials: Credentials) -> None:
        self._transport = transport
        self._credentials = credentials

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        parameters = _told(self._credentials.parameters)
        keyed = httpx.Request(
            request.method,
            request.url.copy_merge_params(parameters) if parameters else request.url,
            headers=[*request.headers.multi_items(), *_told(self._credentials.headers).items()],
            stream=request.stream,
            extensions=request.extensions,
        )
        return await self._transport.handle_async_request(keyed)

    async def aclose(self) -> None:
        await self._transport.aclose()


def _told(secrets: Mapping[str, SecretStr]) -> dict[str, str]:
    return {name: secret.get_secret_value() for name, secret in secrets.items()}


def proxy_for(url: httpx.URL) -> str | None:
    """Return the proxy of the environment, which httpx leaves out for a transport of our own."""
    return None if proxy_bypass(url.host) else getproxies().get(url.scheme)


def _retry_at(response: httpx.Response, received: int) -> int | None:
    """Read Retry-After: seconds, or a date; anything else is as good as none."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return received + int(text) * MICROSECONDS_PER_SECOND
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return to_micros(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
