"""The read API's errors as problems, made from its one hierarchy of them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from api.errors import ApiError, InvalidRequestError
from producer.problems import Problems

PROBLEMS = Problems(
    "The read API",
    ApiError.title,
    retried=HTTPStatus.SERVICE_UNAVAILABLE,
    headers={"Cache-Control": "no-store"},
)

problem_responses = PROBLEMS.responses


def install_problem_handlers(app: FastAPI) -> None:
    """Make every error of the app a problem."""
    PROBLEMS.install_handlers(app)

    @app.exception_handler(ApiError)
    async def _api_error(request: Request, error: ApiError) -> JSONResponse:
        return problem(request.url.path, error)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        faults = "; ".join(_fault(fault) for fault in error.errors())
        return problem(
            request.url.path, InvalidRequestError(f"{faults}. /docs says what each parameter may be.")
        )


def problem(path: str, error: ApiError) -> JSONResponse:
    """Answer a request for a path with an error."""
    headers = {}
    if error.retry_after_seconds is not None:
        headers["Retry-After"] = str(error.retry_after_seconds)
    return PROBLEMS.answer(path, error.status, error.title, str(error), headers)


def _fault(fault: dict[str, Any]) -> str:
    where = ".".join(str(part) for part in fault["loc"][1:]) or str(fault["loc"][0])
    given = f", and {fault['input']!r} was given" if isinstance(fault.get("input"), str) else ""
    return f"{where}: {fault['msg'].removeprefix('Value error, ').removesuffix('.')}{given}"
