"""The API's description: answers from the structs they are made of, and the problems of every endpoint."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import FastAPI

from api.errors import (
    ApiError,
    DatabaseUnavailableError,
    InvalidApiKeyError,
    InvalidRequestError,
    NotAcceptableError,
    OverloadedError,
)
from api.problems import PROBLEMS, problem_responses
from api.rest.formats import ARROW, CSV, JSON
from api.shapes.record import Page
from producer.access.known_hosts import MISDIRECTED, MISDIRECTED_TITLE
from producer.problems import Problem

REFERENCE = "#/components/schemas/{name}"
OF_ALL: tuple[type[ApiError], ...] = (
    InvalidRequestError,
    NotAcceptableError,
    DatabaseUnavailableError,
    OverloadedError,
)
HEADERS = {
    "ETag": {"description": "For If-None-Match, which is answered 304.", "schema": {"type": "string"}},
    "Cache-Control": {"schema": {"type": "string"}},
}
_described: dict[str, type[msgspec.Struct]] = {}


def answers(body: type[msgspec.Struct], *errors: type[ApiError]) -> dict[int | str, dict[str, Any]]:
    """Describe what an endpoint answers: one object or a list, and its problems beside those of all."""
    _described[body.__name__] = body
    content: dict[str, Any] = {JSON: {"schema": {"$ref": REFERENCE.format(name=body.__name__)}}}
    if issubclass(body, Page):
        content[CSV] = {"schema": {"type": "string"}}
        content[ARROW] = {"schema": {"type": "string", "format": "binary"}}
    return {
        200: {"description": (body.__doc__ or "").strip(), "content": content, "headers": HEADERS},
        304: {"description": "What If-None-Match names is still right.", "headers": HEADERS},
        **problem_responses(*OF_ALL, *errors),
    }


def complete_description(app: FastAPI) -> None:
    """Add the structs and the problems of hosts and keys to the API's description."""
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            _complete(describe())
        return describe()

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way


def _complete(description: dict[str, Any]) -> None:
    unauthorized = problem_responses(InvalidApiKeyError)
    for path in description["paths"].values():
        for operation in path.values():
            PROBLEMS.describe(operation["responses"], MISDIRECTED, MISDIRECTED_TITLE)
            if "security" in operation:
                operation["responses"] |= unauthorized
    schemas = description.setdefault("components", {}).setdefault("schemas", {})
    schemas[Problem.__name__] = Problem.model_json_schema()
    _, components = msgspec.json.schema_components(_described.values(), ref_template=REFERENCE)
    schemas.update(components)
