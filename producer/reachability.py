"""Whether a server can be reached: connected to, and asked nothing."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from ssl import SSLContext

import httpx

from producer.polling.http import proxy_for

CONNECT_TIMEOUT_SECONDS = 5.0
# WebSockets begin as HTTP, and take the same ways.
SCHEMES = {"ws": "http", "wss": "https"}
PORTS = {"http": 80, "https": 443}


async def why_unreachable(address: str) -> str | None:
    """Return None where a connection comes about, with TLS where the address has it, else the reason.

    Where the environment names a proxy, nothing beyond it is tried.
    """
    url = httpx.URL(address)
    url = url.copy_with(scheme=SCHEMES.get(url.scheme, url.scheme))
    target = httpx.URL(proxy_for(url) or url)
    if not target.host or target.scheme not in PORTS:
        return "it is no address of a server"
    tls: SSLContext | None = httpx.create_ssl_context() if target.scheme == "https" else None
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_SECONDS):
            _, writer = await asyncio.open_connection(
                target.host, target.port or PORTS[target.scheme], ssl=tls
            )
    except TimeoutError:
        return f"no connection within {CONNECT_TIMEOUT_SECONDS:g} s"
    except OSError as error:
        return str(error)
    writer.close()
    # The other side may end it as it likes.
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(CONNECT_TIMEOUT_SECONDS):
            await writer.wait_closed()
    return None
