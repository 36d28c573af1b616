"""Errors as RFC 9457 problems, made from the one hierarchy of errors."""

from __future__ import annotations

import logging
import math
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from producer.api.models import PROBLEM_JSON, Problem
from producer.errors import Later, ProducerError, ProviderError, TooManyRequestsError
from producer.events import MICROSECONDS_PER_SECOND, clock_micros

logger = logging.getLogger(__name__)

PROBLEM = {"$ref": "#/components/schemas/Problem"}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
NOT_VALID = "The request is not valid"
MALFORMED = "The body cannot be read"
OR = "; or: "
HEADERS = {
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": {"schema": {"type": "string"}}},
    HTTPStatus.TOO_MANY_REQUESTS: {
        "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}
    },
}


def problem_responses(*errors: type[ProducerError]) -> dict[int | str, dict[str, Any]]:
    """Describe in OpenAPI the problems that an endpoint can answer with."""
    responses: dict[int | str, dict[str, Any]] = {}
    for error in errors:
        add_problem(responses, error.status, error.title)
    return responses


def add_problem(responses: dict[Any, dict[str, Any]], status: HTTPStatus, title: str) -> None:
    """Add a problem to the description of an endpoint's answers, beside others of the same status."""
    key = str(int(status))
    if key not in responses:
        responses[key] = {"description": title, "content": {PROBLEM_JSON: {"schema": PROBLEM}}}
        if status in HEADERS:
            responses[key]["headers"] = HEADERS[status]
    elif title not in responses[key]["description"].split(OR):
        responses[key]["description"] += OR + title


def install_problem_handlers(app: FastAPI) -> None:
    """Make every error of the app a problem."""

    @app.exception_handler(ProducerError)
    async def _producer_error(request: Request, error: ProducerError) -> JSONResponse:
        return _problem(request, error.status, error.title, error.detail, _retry_after(error))

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors()
        )
        return _problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, NOT_VALID, f"{faults}.")

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> JSONResponse:
        status = HTTPStatus(error.status_code)
        detail = f"{request.method} {request.url.path}: {status.description or status.phrase}. See /docs."
        headers = dict(error.headers or {})
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            headers["Allow"] = ", ".join(_methods(request))
        return _problem(request, status, status.phrase, detail, headers)

    @app.exception_handler(Exception)
    async def _unexpected(request: Request, error: Exception) -> JSONResponse:
        logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
        return _problem(
            request,
            HTTPStatus.INTERNAL_SERVER_ERROR,
            ProducerError.title,
            "The producer met an error that it does not know. Its log has the details.",
        )


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


def _retry_after(error: ProducerError) -> dict[str, str]:
    """Tell our client what a provider told us."""
    if isinstance(error, TooManyRequestsError):
        return {"Retry-After": str(error.retry_after_seconds)}
    if not isinstance(error, ProviderError) or not isinstance(error.retry, Later):
        return {}
    seconds = math.ceil((error.retry.until - clock_micros()) / MICROSECONDS_PER_SECOND)
    return {"Retry-After": str(max(0, seconds))}


def _problem(
    request: Request, status: HTTPStatus, title: str, detail: str, headers: dict[str, str] | None = None
) -> JSONResponse:
    problem = Problem(title=title, status=status, detail=detail, instance=request.url.path)
    if status == HTTPStatus.UNAUTHORIZED:
        headers = {"WWW-Authenticate": "ApiKey"}
    return JSONResponse(problem.model_dump(), status, media_type=PROBLEM_JSON, headers=headers)
