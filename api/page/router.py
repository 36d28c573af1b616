"""Serves the chart page at /dashboard and /dashboard/{symbol}. The page asks /api/v1 and /ws for its data."""

from __future__ import annotations

import logging
from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Request, Response

from api.page.files import MEDIA_TYPES, PREFIX, PageFiles, PageIncompleteError

logger = logging.getLogger(__name__)

# Nothing inline, nothing evaluated, no other host, no foreign frame, and no HTML made from text.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
SAFE = {"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin"}
PAGE_HEADERS = {
    **SAFE,
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
FOREVER = {**SAFE, "Cache-Control": "public, max-age=31536000, immutable"}
FOR_NOW = {**SAFE, "Cache-Control": "no-cache"}


def page_router() -> APIRouter:
    """Build the routes; without the chart library they answer a problem that says how to install it."""
    router = APIRouter(include_in_schema=False)
    try:
        files = PageFiles.load()
    except PageIncompleteError as error:
        logger.error("%s", error)  # noqa: TRY400 -- a sentence for the one who installs, not a defect
        _refuse(router, str(error))
        return router
    _serve(router, files)
    return router


def _serve(router: APIRouter, files: PageFiles) -> None:
    tag = f'W/"{files.version}"'

    @router.get("/dashboard")
    @router.get("/dashboard/{symbol:path}")
    async def page(request: Request, symbol: str = "") -> Response:
        headers = {**PAGE_HEADERS, "ETag": tag}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return Response(files.page, media_type=MEDIA_TYPES[".html"], headers=headers)

    @router.get(PREFIX + "/{version}/{name:path}")
    async def file(version: str, name: str) -> Response:
        found = files.files.get(name)
        if found is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        # A page of the version before gets the present file, and may not keep it under the old address.
        headers = FOREVER if version == files.version else FOR_NOW
        return Response(found.body, media_type=found.media_type, headers=headers)


def _refuse(router: APIRouter, sentence: str) -> None:
    @router.get("/dashboard")
    @router.get("/dashboard/{symbol:path}")
    async def page(symbol: str = "") -> Response:
        raise PageIncompleteError(sentence)
