"""Errors as RFC 9457 problems: how a service answers them, and how the description of its API names them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, ClassVar, Protocol

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.routing import Match

logger = logging.getLogger(__name__)

PROBLEM_JSON = "application/problem+json"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
OR = "; or: "
AUTHENTICATE = {"WWW-Authenticate": {"schema": {"type": "string"}}}
RETRY_AFTER = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}


class Problem(BaseModel):
    """An error as RFC 9457 describes it: `detail` is a sentence that names the way out."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    instance: str


REFERENCE = {"$ref": f"#/components/schemas/{Problem.__name__}"}


class Told(Protocol):
    """An error that knows what it is over HTTP."""

    status: ClassVar[HTTPStatus]
    title: ClassVar[str]


@dataclass(frozen=True)
class Problems:
    """The problems of one service.

    ``service`` begins a sentence, ``failed`` is the title of what nobody expected. Those of the status
    ``retried`` say in `Retry-After` when to ask again. ``headers`` are sent with every problem.
    """

    service: str
    failed: str
    retried: HTTPStatus
    headers: Mapping[str, str] = field(default_factory=dict)

    def responses(self, *errors: type[Told]) -> dict[int | str, dict[str, Any]]:
        """Describe in OpenAPI the problems that an endpoint can answer with."""
        responses: dict[int | str, dict[str, Any]] = {}
        for error in errors:
            self.describe(responses, error.status, error.title)
        return responses

    def describe(self, responses: dict[Any, dict[str, Any]], status: HTTPStatus, title: str) -> None:
        """Add a problem to the description of an endpoint's answers, beside others of the same status."""
        key = str(int(status))
        if key not in responses:
            responses[key] = {"description": title, "content": {PROBLEM_JSON: {"schema": REFERENCE}}}
            if status == HTTPStatus.UNAUTHORIZED:
                responses[key]["headers"] = AUTHENTICATE
            elif status == self.retried:
                responses[key]["headers"] = RETRY_AFTER
        elif title not in responses[key]["description"].split(OR):
            responses[key]["description"] += OR + title

    def answer(
        self, path: str, status: HTTPStatus, title: str, detail: str, headers: Mapping[str, str] | None = None
    ) -> JSONResponse:
        """Answer a request for a path with a problem."""
        problem = Problem(title=title, status=status, detail=detail, instance=path)
        sent = {**self.headers, **(headers or {})}
        if status == HTTPStatus.UNAUTHORIZED:
            sent["WWW-Authenticate"] = "ApiKey"
        return JSONResponse(problem.model_dump(), status, media_type=PROBLEM_JSON, headers=sent)

    def install_handlers(self, app: FastAPI) -> None:
        """Make a problem of what is none of the service's own errors."""

        @app.exception_handler(HTTPException)
        async def _http(request: Request, error: HTTPException) -> JSONResponse:
            status = HTTPStatus(error.status_code)
            why = status.description or status.phrase
            detail = f"{request.method} {request.url.path}: {why}. See /docs."
            headers = dict(error.headers or {})
            if status == HTTPStatus.METHOD_NOT_ALLOWED:
                headers["Allow"] = ", ".join(_methods(request))
            return self.answer(request.url.path, status, status.phrase, detail, headers)

        @app.exception_handler(Exception)
        async def _unexpected(request: Request, error: Exception) -> JSONResponse:
            logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
            detail = f"{self.service} met an error that it does not know. Its log has the details."
            return self.answer(request.url.path, HTTPStatus.INTERNAL_SERVER_ERROR, self.failed, detail)


def _methods(request: Request) -> list[str]:
    """Return the methods that the path has; the router names those of its first endpoint alone."""
    return [
        method
        for method in METHODS
        if any(
            route.matches({**request.scope, "method": method})[0] == Match.FULL
            for route in request.app.router.routes
        )
    ]
