"""What can go wrong between a person and the dead letters."""

from __future__ import annotations

from http import HTTPStatus

from producer.errors import ProducerError


class DeadLettersMissingError(ProducerError):
    """The dead-letter queue does not exist."""

    status = HTTPStatus.NOT_FOUND
    title = "No dead-letter queue"


class DeadLettersBusyError(ProducerError):
    """Another command holds the dead letters."""

    status = HTTPStatus.CONFLICT
    title = "The dead letters are in use"


class UnknownDeadLetterError(ProducerError):
    """No dead letter is called so."""

    status = HTTPStatus.NOT_FOUND
    title = "No such dead letter"


class SelectionError(ProducerError):
    """The options that choose dead letters contradict each other, or choose nothing."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The selection cannot be understood"
