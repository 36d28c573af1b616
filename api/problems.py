"""Errors as RFC 9457 problems, made from the one hierarchy of errors."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.errors import ApiError, InvalidApiKeyError, InvalidRequestError
from producer.api.models import PROBLEM_JSON, Problem

logger = logging.getLogger(__name__)

OR = "; or: "
HEADERS = {
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": {"schema": {"type": "string"}}},
    HTTPStatus.SERVICE_UNAVAILABLE: {
        "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}
    },
}


def problem_responses(*errors: type[ApiError]) -> dict[int | str, dict[str, Any]]:
    """Describe in OpenAPI the problems that an endpoint can answer with."""
    responses: dict[int | str, dict[str, Any]] = {}
    for error in errors:
        key = str(int(error.status))
        if key in responses:
            responses[key]["description"] += OR + error.title
            continue
        schema = {"$ref": f"#/components/schemas/{Problem.__name__}"}
        responses[key] = {"description": error.title, "content": {PROBLEM_JSON: {"schema": schema}}}
        if error.status in HEADERS:
            responses[key]["headers"] = HEADERS[error.status]
    return responses


def install_problem_handlers(app: FastAPI) -> None:
    """Make every error of the app a problem."""

    @app.exception_handler(ApiError)
    async def _api_error(request: Request, error: ApiError) -> JSONResponse:
        headers = {}
        if error.retry_after_seconds is not None:
            headers["Retry-After"] = str(error.retry_after_seconds)
        if isinstance(error, InvalidApiKeyError):
            headers["WWW-Authenticate"] = "ApiKey"
        return _problem(request, error.status, error.title, str(error), headers)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        faults = "; ".join(_fault(fault) for fault in error.errors())
        detail = f"{faults}. /docs says what each parameter may be."
        return _problem(request, InvalidRequestError.status, InvalidRequestError.title, detail)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> JSONResponse:
        status = HTTPStatus(error.status_code)
        detail = f"{request.method} {request.url.path}: {status.description or status.phrase}. See /docs."
        headers = dict(error.headers or {})
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            headers["Allow"] = "GET"
        return _problem(request, status, status.phrase, detail, headers)

    @app.exception_handler(Exception)
    async def _unexpected(request: Request, error: Exception) -> JSONResponse:
        logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
        return _problem(
            request,
            ApiError.status,
            ApiError.title,
            "The read API met an error that it does not know. Its log has the details.",
        )


def _fault(fault: dict[str, Any]) -> str:
    where = ".".join(str(part) for part in fault["loc"][1:]) or str(fault["loc"][0])
    given = f", and {fault['input']!r} was given" if isinstance(fault.get("input"), str) else ""
    return f"{where}: {fault['msg'].removeprefix('Value error, ').removesuffix('.')}{given}"


def _problem(
    request: Request, status: HTTPStatus, title: str, detail: str, headers: dict[str, str] | None = None
) -> JSONResponse:
    problem = Problem(title=title, status=status, detail=detail, instance=request.url.path)
    answered = {"Cache-Control": "no-store", **(headers or {})}
    return JSONResponse(problem.model_dump(), status, media_type=PROBLEM_JSON, headers=answered)
