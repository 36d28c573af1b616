"""Who is let in: as everywhere in the read API, and as many as there is room for."""

from __future__ import annotations

from http import HTTPStatus

from starlette.requests import HTTPConnection

from api.errors import ApiError
from api.live.hub import Hub
from api.rest.services import Services
from api.security import HEADER, check_key
from producer.access.hosts import is_loopback

PROTOCOL = "candlewick"
KEY_PREFIX = "candlewick.key."


class TooManyClientsError(ApiError):
    """As many clients are connected as are allowed."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "Too many clients"
    retry_after_seconds = 10


async def check_access(connection: HTTPConnection) -> None:
    """Return when whoever connects may read; raises :class:`InvalidApiKeyError` otherwise.

    A browser cannot set a WebSocket's headers: it offers the key as the protocol `candlewick.key.<key>`.
    """
    services: Services = connection.app.state.services
    if is_loopback(services.settings.api_host):
        return
    offered = (name.removeprefix(KEY_PREFIX) for name in protocols(connection) if name.startswith(KEY_PREFIX))
    await check_key(services, connection.headers.get(HEADER) or next(offered, None))


def check_room(hub: Hub) -> None:
    """Raise :class:`TooManyClientsError` where no further client is taken."""
    if hub.is_full:
        raise TooManyClientsError(
            f"{hub.max_clients} clients are connected, as many as API_LIVE_CLIENTS allows: try again later, "
            f"or raise it."
        )


def protocols(connection: HTTPConnection) -> list[str]:
    """Return the WebSocket protocols that the client offers."""
    offered: list[str] = connection.scope.get("subprotocols", [])
    return offered
