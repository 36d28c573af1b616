"""Asks the producer's API, where the settings say that it is, with the key that they hold."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

import httpx
from pydantic import TypeAdapter, ValidationError

from producer.cli.errors import KeyUnsendableError, NotTheProducerError, ProducerAwayError, RefusedError
from producer.errors import ConfigurationError
from producer.problems import PROBLEM_JSON, Problem
from producer.settings import ProducerSettings, load_settings

CONNECT_SECONDS = 5.0
# A fetch waits for its provider, then for the broker.
ANSWER_SECONDS = 60.0
# An address to listen on, which names every interface and so none to call.
ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104

Content = TypeVar("Content")


@dataclass(frozen=True)
class Answer(Generic[Content]):
    """What the producer said: its JSON to the letter, and what that means."""

    body: bytes
    content: Content


def ask(
    method: Literal["GET", "POST", "PATCH", "DELETE"],
    path: str,
    kind: type[Content],
    *,
    parameters: dict[str, Any] | None = None,
    body: dict[str, Any] | None = None,
) -> Answer[Content]:
    """Return the answer to one request; parameters that are None are left out.

    Raises :class:`RefusedError` with the sentence of a problem, :class:`ProducerAwayError` where nobody
    answers, :class:`NotTheProducerError` where somebody else does, and :class:`ConfigurationError`.
    """
    settings = load_settings()
    given = {name: value for name, value in (parameters or {}).items() if value is not None}
    try:
        address = _address(settings)
        # The producer is where the settings say, and not behind the proxy of the machine's browsers.
        timeout = httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
        with httpx.Client(timeout=timeout, trust_env=False) as client:
            response = client.request(
                method, address.copy_with(path=path), params=given, json=body, headers=_headers(settings)
            )
    except (httpx.ReadTimeout, httpx.WriteTimeout):
        raise ProducerAwayError(
            f"The producer at {address} did not answer within {ANSWER_SECONDS:g} s: "
            f"make logs PROGRAM=producer"
        ) from None
    except (httpx.InvalidURL, UnicodeError):
        raise ConfigurationError(
            f"PRODUCER_HOST {settings.producer_host!r} is no host: correct it in the env file."
        ) from None
    except httpx.LocalProtocolError:
        # Its own words quote the header.
        raise KeyUnsendableError(
            "PRODUCER_API_KEY holds a sign that no HTTP header can carry: set another one in the env file."
        ) from None
    except httpx.RemoteProtocolError:
        raise NotTheProducerError(
            f"What answers at {address} broke off, or speaks no HTTP: check PRODUCER_PORT, or "
            f"make logs PROGRAM=producer"
        ) from None
    except httpx.TransportError:
        raise ProducerAwayError(f"The producer does not answer at {address}: make up") from None
    return _understood(address, response, kind)


def _understood(address: httpx.URL, response: httpx.Response, kind: type[Content]) -> Answer[Content]:
    try:
        if response.headers.get("Content-Type") == PROBLEM_JSON:
            raise RefusedError(Problem.model_validate_json(response.content).detail)
        # "No content" is no JSON: it stands for null.
        body = b"null" if response.status_code == httpx.codes.NO_CONTENT else response.content
        return Answer(body, TypeAdapter(kind).validate_json(body))
    except ValidationError:
        raise NotTheProducerError(
            f"What answers at {address} is no producer of this version (HTTP {response.status_code} for "
            f"{response.request.url.path}): check PRODUCER_HOST and PRODUCER_PORT, or make upgrade"
        ) from None


def _address(settings: ProducerSettings) -> httpx.URL:
    host = ANY_ADDRESS.get(settings.producer_host, settings.producer_host)
    return httpx.URL(scheme="http", host=host, port=settings.producer_port)


def _headers(settings: ProducerSettings) -> dict[bytes, bytes]:
    key = settings.producer_api_key.get_secret_value()
    return {b"X-API-Key": os.fsencode(key)} if key else {}
