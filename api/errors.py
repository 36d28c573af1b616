"""Every error the read API can answer with: one hierarchy, each a sentence with a way out."""

from __future__ import annotations

from http import HTTPStatus
from typing import ClassVar


class ApiError(Exception):
    """Base of all errors a reader can meet; the message is the whole explanation.

    ``retry_after_seconds`` is told in `Retry-After` where the same request may succeed later.
    """

    status: ClassVar[HTTPStatus] = HTTPStatus.INTERNAL_SERVER_ERROR
    title: ClassVar[str] = "The read API failed"
    retry_after_seconds: ClassVar[int | None] = None


class ConfigurationError(ApiError):
    """A setting has a value that it cannot have."""

    title = "The configuration is not valid"


class InvalidRequestError(ApiError):
    """A parameter has a value that it cannot have, or not beside another one."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The request is not valid"


class NotFoundError(ApiError):
    """What the path names does not exist."""

    status = HTTPStatus.NOT_FOUND
    title = "Not found"


class NotAcceptableError(ApiError):
    """`Accept` allows none of the formats that there are."""

    status = HTTPStatus.NOT_ACCEPTABLE
    title = "None of the accepted formats is available"


class InvalidApiKeyError(ApiError):
    """The request carries no API key, or a wrong one."""

    status = HTTPStatus.UNAUTHORIZED
    title = "API key missing or wrong"


class DatabaseUnavailableError(ApiError):
    """PostgreSQL cannot be reached, or refuses."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "The database is away"
    retry_after_seconds = 5


class OverloadedError(ApiError):
    """No connection became free in time, or a query took longer than it may."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "The read API is overloaded"
    retry_after_seconds = 2
