"""Who may read: everybody on this machine; elsewhere, whoever has an API key of any scope."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request, Security
from fastapi.params import Depends as Dependency
from fastapi.security import APIKeyHeader

from api.errors import InvalidApiKeyError
from api.queries.access import key_holder
from api.settings import ApiSettings
from producer.access.hosts import is_loopback
from producer.access.keys import KEY

if TYPE_CHECKING:
    from api.rest.services import Services

HEADER = "X-API-Key"
WANTED = (
    f"This needs the header {HEADER} with a key that the producer's POST /keys has made; the scope read is "
    f"enough."
)

KeyHeader = Annotated[
    str | None,
    Security(
        APIKeyHeader(
            name=HEADER, auto_error=False, description="A key that the producer's POST /keys has made."
        )
    ),
]


async def check_key(services: Services, key: str | None) -> None:
    """Return when the key is right.

    Raises :class:`InvalidApiKeyError` where it is missing, wrong or revoked.
    """
    if not key:
        raise InvalidApiKeyError(WANTED)
    match = KEY.fullmatch(key)
    if match is not None:
        hashed = hashlib.sha256(match[2].encode()).hexdigest()
        if await key_holder(services.database, int(match[1]), hashed) is not None:
            return
    raise InvalidApiKeyError(f"The API key is wrong or revoked. {WANTED}")


def reading(settings: ApiSettings) -> list[Dependency]:
    """Return what every endpoint depends on: nothing where only this machine reaches the read API."""
    return [] if is_loopback(settings.api_host) else [Depends(_may_read)]


async def _may_read(request: Request, key: KeyHeader) -> None:
    await check_key(request.app.state.services, key)
