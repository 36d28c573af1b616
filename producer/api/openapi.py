"""What every endpoint can answer beside what it says itself, added to the API's description."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI

from producer.access.known_hosts import MISDIRECTED, MISDIRECTED_TITLE
from producer.api.problems import MALFORMED, NOT_VALID, PROBLEMS
from producer.errors import (
    DatabaseUnavailableError,
    InsufficientScopeError,
    InvalidApiKeyError,
    TooManyRequestsError,
)
from producer.problems import Problem

OF_KEYS = PROBLEMS.responses(
    InvalidApiKeyError, InsufficientScopeError, TooManyRequestsError, DatabaseUnavailableError
)
# FastAPI's own description of what is not valid, which is not what we answer.
REPLACED = ("HTTPValidationError", "ValidationError")


def complete_description(app: FastAPI) -> None:
    """Add the problems of hosts, of keys, of limits and of what is not valid to the API's description."""
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            _complete(describe())
        return describe()

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way


def _complete(description: dict[str, Any]) -> None:
    for operation in _operations(description):
        responses = operation["responses"]
        PROBLEMS.describe(responses, MISDIRECTED, MISDIRECTED_TITLE)
        invalid = str(int(HTTPStatus.UNPROCESSABLE_ENTITY))
        if "application/json" in responses.get(invalid, {}).get("content", {}):
            del responses[invalid]
        if "requestBody" in operation or "parameters" in operation:
            PROBLEMS.describe(responses, HTTPStatus.UNPROCESSABLE_ENTITY, NOT_VALID)
        if "requestBody" in operation:
            PROBLEMS.describe(responses, HTTPStatus.BAD_REQUEST, MALFORMED)
        if "security" in operation:
            for status, response in OF_KEYS.items():
                PROBLEMS.describe(responses, HTTPStatus(int(status)), response["description"])
    schemas = description.setdefault("components", {}).setdefault("schemas", {})
    for name in REPLACED:
        schemas.pop(name, None)
    schemas[Problem.__name__] = Problem.model_json_schema()


def _operations(description: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in description["paths"].values():
        yield from path.values()
