"""Which names of this machine a request may be for, where reading needs no key.

A page on the web can have its own name resolve to 127.0.0.1: to the browser what it reads from here is then
its own. The name in the header `Host` gives it away.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator
from pydantic_settings import NoDecode

LOCALHOST: Final = "localhost"
AUTHORITY: Final = re.compile(r"(?:\[(?P<ipv6>[0-9a-f:.]+)\]|(?P<name>[a-z0-9._-]+))(?::[0-9]*)?")


def host_of(header: str) -> str:
    """Return the name or address in a header `Host`, without port and brackets; empty where it has none."""
    match = AUTHORITY.fullmatch(header.lower())
    return "" if match is None else match["ipv6"] or match["name"]


def is_loopback(host: str) -> bool:
    """Say whether only this machine reaches a name or an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == LOCALHOST


def _split_commas(value: object) -> object:
    return (
        tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value
    )


def _are_names(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if host_of(f"[{name}]" if ":" in name else name) != name.lower():
            raise ValueError(f"{name!r} is no name of a host: write it as market.example.com, without a port")
    return tuple(name.lower() for name in names)


HostNames = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_commas), AfterValidator(_are_names)]
"""A comma list of names of hosts."""
