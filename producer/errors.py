"""Every error the producer can answer with: one hierarchy, each a sentence with a way out.

An error knows its HTTP status and title, so the API answers with an RFC 9457 problem and the
command line with the same sentence.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar, Literal


class ProducerError(Exception):
    """Base of all errors a user can meet; the message is the whole explanation."""

    status: ClassVar[HTTPStatus] = HTTPStatus.INTERNAL_SERVER_ERROR
    title: ClassVar[str] = "The producer failed"

    @property
    def detail(self) -> str:
        """The sentence that names the thing, the reason and the way out."""
        return str(self)


class ConfigurationError(ProducerError):
    """A setting has a value that it cannot have."""

    title = "The configuration is not valid"


class InvalidApiKeyError(ProducerError):
    """The request carries no API key, or a wrong one."""

    status = HTTPStatus.UNAUTHORIZED
    title = "API key missing or wrong"


class InsufficientScopeError(ProducerError):
    """The API key is right, and may not do this."""

    status = HTTPStatus.FORBIDDEN
    title = "The API key may not do this"


class TooManyRequestsError(ProducerError):
    """A key or a client asks more often than PRODUCER_CHANGES_PER_MINUTE allows."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    title = "Too many requests"

    def __init__(self, message: str, retry_after_seconds: int) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class UnknownApiKeyError(ProducerError):
    """There is no API key of this number, or it is revoked."""

    status = HTTPStatus.NOT_FOUND
    title = "No such API key"


class ApiKeyNameTakenError(ProducerError):
    """An API key of this name exists, and is not revoked."""

    status = HTTPStatus.CONFLICT
    title = "The name of the API key is taken"


class UnknownFeedError(ProducerError):
    """No provider of this name has a feed."""

    status = HTTPStatus.NOT_FOUND
    title = "No such feed"


class FeedUnavailableError(ProducerError):
    """A feed cannot be started as things are: its key is missing, or another one streams its symbols."""

    status = HTTPStatus.CONFLICT
    title = "The feed cannot be started"


class UnknownProviderError(ProducerError):
    """No provider of this name answers what it is asked for."""

    status = HTTPStatus.NOT_FOUND
    title = "No such provider"


class InvalidBackfillError(ProducerError):
    """A backfill asks for what no provider could answer."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The backfill is not possible"


class UnknownRunError(ProducerError):
    """There is no run of this number."""

    status = HTTPStatus.NOT_FOUND
    title = "No such run"


class UnknownSymbolError(ProducerError):
    """The provider does not have this symbol."""

    status = HTTPStatus.NOT_FOUND
    title = "No such symbol"


class SymbolConflictError(ProducerError):
    """The symbol cannot be followed, or left, as things are."""

    status = HTTPStatus.CONFLICT
    title = "The symbol cannot be changed now"


class SymbolRefusedError(ProducerError):
    """The provider's settings do not allow a symbol that is written so."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The symbol is not valid"


class UnknownJobError(ProducerError):
    """The schedule has no job of this name."""

    status = HTTPStatus.NOT_FOUND
    title = "No such job"


class JobRunningError(ProducerError):
    """The job runs already, and never twice at a time."""

    status = HTTPStatus.CONFLICT
    title = "The job is running"


class JobFailedError(ProducerError):
    """What a job had to do was not done, or not all of it."""

    title = "The job has failed"


class DatabaseUnavailableError(ProducerError):
    """PostgreSQL cannot be reached, or refuses."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "The database is away"


@dataclass(frozen=True)
class Soon:
    """Try again now, slower each time: a lost connection, a 500."""


@dataclass(frozen=True)
class Later:
    """Not before a time (microseconds since the epoch, UTC): a spent quota, a Retry-After."""

    until: int


@dataclass(frozen=True)
class Never:
    """The same question will get the same answer, until somebody changes what the scope names."""

    scope: Literal["symbol", "endpoint", "key"]


Retry = Soon | Later | Never


class ProviderError(ProducerError):
    """A provider refused, failed, or said something that cannot be understood."""

    status = HTTPStatus.BAD_GATEWAY
    title = "The provider did not answer as expected"

    def __init__(self, message: str, retry: Retry = Soon()) -> None:
        super().__init__(message)
        self.retry = retry


class QuotaSpentError(ProviderError):
    """No call is left in the provider's day, by our count or by its own."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    title = "The provider's quota is spent"


class BrokerUnavailableError(ProducerError):
    """RabbitMQ cannot be reached, or did not confirm in time."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "The broker is away"


class TopologyMismatchError(ProducerError):
    """A queue exists with other arguments than the configured ones."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "A queue exists with other arguments"


class RecordingError(ProducerError):
    """A recorded file cannot be read as the stated format."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The recording cannot be read"


class WatermarkPassedError(ProducerError):
    """The job's watermark is past the recording, whose events would all be late."""

    status = HTTPStatus.CONFLICT
    title = "The recording lies behind the watermark"


class UnknownAlertRuleError(ProducerError):
    """There is no alert rule of this number, or it is deleted."""

    status = HTTPStatus.NOT_FOUND
    title = "No such alert rule"


class InvalidAlertRuleError(ProducerError):
    """An alert rule says what no rule of its kind can, or is about a symbol that is not there."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The alert rule is not valid"


class NoAlertChannelError(ProducerError):
    """A rule's alerts go nowhere, so that there is nothing to test."""

    status = HTTPStatus.CONFLICT
    title = "The alert rule has no delivery"
