"""The producer's errors as problems, made from its one hierarchy of them."""

from __future__ import annotations

import math
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from producer.errors import Later, ProducerError, ProviderError, TooManyRequestsError
from producer.events import MICROSECONDS_PER_SECOND, clock_micros
from producer.problems import Problems

NOT_VALID = "The request is not valid"
MALFORMED = "The body cannot be read"
PROBLEMS = Problems("The producer", ProducerError.title, retried=HTTPStatus.TOO_MANY_REQUESTS)

problem_responses = PROBLEMS.responses


def install_problem_handlers(app: FastAPI) -> None:
    """Make every error of the app a problem."""
    PROBLEMS.install_handlers(app)

    @app.exception_handler(ProducerError)
    async def _producer_error(request: Request, error: ProducerError) -> JSONResponse:
        path, headers = request.url.path, _retry_after(error)
        return PROBLEMS.answer(path, error.status, error.title, error.detail, headers)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors()
        )
        return PROBLEMS.answer(request.url.path, HTTPStatus.UNPROCESSABLE_ENTITY, NOT_VALID, f"{faults}.")


def _retry_after(error: ProducerError) -> dict[str, str]:
    """Tell our client what a provider told us."""
    if isinstance(error, TooManyRequestsError):
        return {"Retry-After": str(error.retry_after_seconds)}
    if not isinstance(error, ProviderError) or not isinstance(error.retry, Later):
        return {}
    seconds = math.ceil((error.retry.until - clock_micros()) / MICROSECONDS_PER_SECOND)
    return {"Retry-After": str(max(0, seconds))}
