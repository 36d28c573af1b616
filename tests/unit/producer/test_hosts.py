"""Without a key the producer and the read API answer to this machine's names alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from pydantic import TypeAdapter, ValidationError

from api.app import create_app as create_api
from api.live.settings import LiveSettings
from api.settings import ApiSettings
from api.settings import load_settings as load_api_settings
from db.settings import DatabaseSettings
from producer.access.hosts import HostNames, host_of
from producer.api.app import create_app as create_producer
from producer.settings import ProducerSettings, load_settings

Create = Callable[[str, tuple[str, ...]], FastAPI]

EVERYWHERE = "0.0.0.0"  # noqa: S104 -- a setting; nothing listens


def producer(host: str, names: tuple[str, ...]) -> FastAPI:
    settings = ProducerSettings(producer_host=host, producer_allowed_hosts=names)
    return create_producer(settings, DatabaseSettings())


def api(host: str, names: tuple[str, ...]) -> FastAPI:
    return create_api(ApiSettings(api_host=host, api_allowed_hosts=names), DatabaseSettings(), LiveSettings())


@pytest.fixture(
    params=[(producer, "PRODUCER_ALLOWED_HOSTS"), (api, "API_ALLOWED_HOSTS")], ids=["producer", "api"]
)
def service(request: pytest.FixtureRequest) -> tuple[Create, str]:
    """How a service is made, and where its hosts are set."""
    service: tuple[Create, str] = request.param
    return service


async def ask(app: FastAPI, *hosts: str, path: str = "/openapi.json") -> httpx.Response:
    """Ask with these headers `Host`."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        request = client.build_request("GET", path)
        request.headers = httpx.Headers([("Host", host) for host in hosts])
        return await client.send(request)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:8001", "127.8.9.10", "localhost", "LOCALHOST:1", "[::1]", "[::1]:8001"]
)
async def test_this_machine_is_answered_to_at_any_port(service: tuple[Create, str], host: str) -> None:
    create, _ = service
    assert (await ask(create("127.0.0.1", ()), host)).status_code == 200


@pytest.mark.parametrize(
    "hosts",
    [
        ("rebound.example",),
        ("rebound.example:8001",),
        ("127.0.0.1.rebound.example",),
        ("localhost.rebound.example",),
        ("rebound.example@localhost",),
        ("192.0.2.7:8001",),
        ("0.0.0.0:8001",),
        ("[2001:db8::1]",),
        ("",),
        (),
        ("localhost", "rebound.example"),
    ],
    ids=" and ".join,
)
async def test_any_other_host_is_refused_with_the_setting_to_change(
    service: tuple[Create, str], hosts: tuple[str, ...]
) -> None:
    create, setting = service
    answer = await ask(create("127.0.0.1", ()), *hosts)
    assert (answer.status_code, answer.headers["content-type"]) == (421, "application/problem+json")
    problem = answer.json()
    assert (problem["status"], problem["instance"]) == (421, "/openapi.json")
    for told in (*hosts, setting):
        assert told in problem["detail"]


@pytest.mark.parametrize("path", ["/dashboard", "/api/v1/stream", "/api/v1/health", "/no-such-path"])
async def test_no_path_of_the_read_api_is_open_to_another_host(path: str) -> None:
    assert (await ask(api("127.0.0.1", ()), "rebound.example", path=path)).status_code == 421


async def test_a_name_that_a_reverse_proxy_passes_on_is_answered_to_and_no_other(
    service: tuple[Create, str],
) -> None:
    create, _ = service
    app = create("127.0.0.1", ("market.example",))
    asked = [
        (await ask(app, host)).status_code
        for host in ("market.example", "Market.Example:443", "localhost", "a.market.example")
    ]
    assert asked == [200, 200, 200, 421]


async def test_where_keys_are_asked_for_any_host_is_answered_to(service: tuple[Create, str]) -> None:
    create, _ = service
    assert (await ask(create(EVERYWHERE, ()), "market.example")).status_code == 200


def test_the_names_are_a_comma_list_in_any_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "env"
    file.write_text("PRODUCER_ALLOWED_HOSTS=a.example, B.example\nAPI_ALLOWED_HOSTS=c.example\n")
    monkeypatch.setenv("CANDLEWICK_ENV_FILE", str(file))
    for name in ("PRODUCER_ALLOWED_HOSTS", "API_ALLOWED_HOSTS"):
        monkeypatch.delenv(name, raising=False)
    assert load_settings().producer_allowed_hosts == ("a.example", "b.example")
    assert load_api_settings().api_allowed_hosts == ("c.example",)


@pytest.mark.parametrize("name", ["https://market.example", "market.example:443", "*.example", "*", "a b"])
def test_what_is_no_name_of_a_host_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match=r"write it as market\.example\.com, without a port"):
        TypeAdapter(HostNames).validate_python(name)


@pytest.mark.parametrize(
    ("header", "host"),
    [
        ("a.example", "a.example"),
        ("A.Example:80", "a.example"),
        ("[::1]:80", "::1"),
        ("a.example:x", ""),
        ("::1", ""),
    ],
)
def test_the_host_of_a_header_is_without_port_and_brackets(header: str, host: str) -> None:
    assert host_of(header) == host
