"""Who may do what: the dependencies by which an endpoint asks for an API key.

`CONTROL` is for what starts, stops or fetches something, `ADMIN` for the keys themselves; both are held to
the rate limit. Reading is open as long as the producer listens on a loopback address; elsewhere `reading`
asks for a key of any scope.
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request, Security
from fastapi.params import Depends as Dependency
from fastapi.security import APIKeyHeader

from producer.access.hosts import is_loopback
from producer.access.keys import Holder, Scope
from producer.errors import InsufficientScopeError, InvalidApiKeyError
from producer.settings import ProducerSettings

if TYPE_CHECKING:
    from producer.api.app import Services

logger = logging.getLogger(__name__)

HEADER = "X-API-Key"
CHANGING = {"POST", "PUT", "PATCH", "DELETE"}
BOOTSTRAP = "PRODUCER_API_KEY"

KeyHeader = Annotated[
    str | None,
    Security(
        APIKeyHeader(
            name=HEADER,
            auto_error=False,
            description="PRODUCER_API_KEY of the env file, or a key that POST /keys has made.",
        )
    ),
]


@dataclass(frozen=True)
class Changing:
    """Lets in who has a key of a scope, as often as the rate limit allows, and says so in the log."""

    scope: Scope

    async def __call__(self, request: Request, key: KeyHeader) -> None:
        """Raise the error that says why the request is refused."""
        holder = await _holder(request, key, self.scope)
        await _services(request).rates.count_change(holder.name)
        logger.info("%s %r with the API key %r", request.method, request.url.path, holder.name)


async def _may_read(request: Request, key: KeyHeader) -> None:
    # What changes something asks for a larger scope itself.
    if request.method not in CHANGING:
        await _holder(request, key, "read")


CONTROL = [Depends(Changing("control"))]
ADMIN = [Depends(Changing("admin"))]


def reading(settings: ProducerSettings) -> list[Dependency]:
    """Return what every endpoint depends on: nothing where only this machine reaches the producer."""
    return [] if is_loopback(settings.producer_host) else [Depends(_may_read)]


async def _holder(request: Request, key: str | None, scope: Scope) -> Holder:
    services = _services(request)
    expected = services.settings.producer_api_key.get_secret_value()
    wanted = (
        f"This needs the header {HEADER} with a key of scope {scope}: the value of {BOOTSTRAP} in the env "
        f"file, or a key that POST /keys has made."
        f"{'' if expected else f' {BOOTSTRAP} is not set: set it, and restart the producer.'}"
    )
    if not key:
        raise InvalidApiKeyError(wanted)
    if expected and secrets.compare_digest(key.encode(), expected.encode()):
        return Holder(BOOTSTRAP, "admin")
    client = request.client.host if request.client else "unknown"
    await services.rates.check_client(client)
    holder = await services.api_keys.holder(key)
    if holder is None:
        await services.rates.count_wrong_key(client)
        raise InvalidApiKeyError(f"The API key is wrong or revoked. {wanted}")
    if not holder.may(scope):
        raise InsufficientScopeError(
            f"The API key {holder.name!r} has the scope {holder.scope}, and this needs {scope}: use another, "
            f"or make one with POST /keys."
        )
    return holder


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services
