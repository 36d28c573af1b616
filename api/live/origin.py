"""Pages of other sites may not use a browser's way to this server."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from api.errors import ApiError


class ForeignOriginError(ApiError):
    """A page of another site opens a WebSocket here, which no rule of the browser prevents."""

    status = HTTPStatus.FORBIDDEN
    title = "The page is of another site"


def check_origin(headers: Headers) -> None:
    """Raise :class:`ForeignOriginError` for a browser's page that does not come from this server.

    Programs send no `Origin` and pass.
    """
    origin = headers.get("origin")
    if origin is None:
        return
    if urlsplit(origin).netloc.lower() != headers.get("host", "").lower():
        raise ForeignOriginError(
            f"Pages of {origin[:200]!r} may not open a WebSocket here: open it from a page of this server or "
            f"from a program, which sends no Origin. A proxy must pass on the header Host as it came."
        )
