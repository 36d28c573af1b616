"""One request to Coinbase's keyless REST API, and what its refusals mean."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import httpx
import msgspec

from producer.errors import Later, Never, ProviderError, Retry, Soon
from producer.events import MICROSECONDS_PER_SECOND, clock_micros

REQUEST_TIMEOUT_SECONDS = 10.0


class _Problem(msgspec.Struct, frozen=True):
    message: str


async def get(
    client: httpx.AsyncClient, url: str, symbol: str, parameters: Mapping[str, str | int] | None = None
) -> bytes:
    """Return the body of a successful answer; raises :class:`ProviderError`, which says when to ask again."""
    try:
        response = await client.get(url, params=parameters)
    except httpx.HTTPError as error:
        raise ProviderError(
            f"Coinbase cannot be reached at {url}: {error or type(error).__name__}. "
            f"Check the network, or COINBASE_REST_URL."
        ) from error
    if not response.is_success:
        raise ProviderError(
            f"Coinbase answered {response.status_code} for {symbol!r}: {_message(response)}. "
            f"Symbols are Coinbase products, such as BTC-USD.",
            _retry(response),
        )
    return response.content


def _retry(response: httpx.Response) -> Retry:
    status = response.status_code
    if status == HTTPStatus.NOT_FOUND:
        return Never("symbol")
    after = response.headers.get("Retry-After", "")
    if after.isdecimal():
        return Later(clock_micros() + int(after) * MICROSECONDS_PER_SECOND)
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Soon()
    return Never("endpoint")


def _message(response: httpx.Response) -> str:
    try:
        return msgspec.json.decode(response.content, type=_Problem).message
    except msgspec.DecodeError:
        return response.text[:120]
