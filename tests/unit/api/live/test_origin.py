"""Pages of other sites are refused."""

from __future__ import annotations

import pytest
from starlette.datastructures import Headers

from api.live.origin import ForeignOriginError, check_origin


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "127.0.0.1:8001"},
        {"host": "127.0.0.1:8001", "origin": "http://127.0.0.1:8001"},
        {"host": "Market.example", "origin": "https://market.example"},
    ],
)
def test_programs_and_pages_of_this_server_pass(headers: dict[str, str]) -> None:
    check_origin(Headers(headers))


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://127.0.0.1:8002",
        "http://127.0.0.1:8001.evil.example",
        "http://localhost:8001",
        "null",
        "",
    ],
)
def test_pages_of_other_sites_are_refused(origin: str) -> None:
    with pytest.raises(ForeignOriginError, match="may not open"):
        check_origin(Headers({"host": "127.0.0.1:8001", "origin": origin}))
