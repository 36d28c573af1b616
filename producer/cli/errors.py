"""What can go wrong between the command line and the producer."""

from __future__ import annotations

from http import HTTPStatus

from producer.errors import ConfigurationError, ProducerError


class ProducerAwayError(ProducerError):
    """Nobody answers at the producer's address."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "The producer is away"


class NotTheProducerError(ProducerError):
    """Somebody answers at the producer's address who is not a producer as this command knows it."""

    status = HTTPStatus.BAD_GATEWAY
    title = "Not the producer"


class RefusedError(ProducerError):
    """The producer answered with a problem; the message is its sentence."""

    title = "The producer refused"


class KeyUnsendableError(ConfigurationError):
    """The API key cannot be written into a header."""
