"""Problems that are none of a service's own errors, and how a description names several of one status."""

from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import ClassVar

import httpx
import pytest
from fastapi import FastAPI

from producer.problems import PROBLEM_JSON, Problems

PROBLEMS = Problems(
    "The shop",
    "The shop failed",
    retried=HTTPStatus.SERVICE_UNAVAILABLE,
    headers={"Cache-Control": "no-store"},
)


class _SoldOutError(Exception):
    status: ClassVar = HTTPStatus.SERVICE_UNAVAILABLE
    title: ClassVar = "Sold out"


class _ClosedError(Exception):
    status: ClassVar = HTTPStatus.SERVICE_UNAVAILABLE
    title: ClassVar = "Closed"


class _StrangerError(Exception):
    status: ClassVar = HTTPStatus.UNAUTHORIZED
    title: ClassVar = "Unknown here"


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()

    @app.get("/things")
    async def things() -> None:
        raise RuntimeError("the password is abc")

    @app.put("/things")
    async def put() -> None:
        return None

    PROBLEMS.install_handlers(app)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        yield client


async def test_an_error_that_nobody_expects_is_a_problem_that_tells_nothing_of_it(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/things")
    assert answer.headers["Content-Type"] == PROBLEM_JSON
    assert answer.json() == {
        "type": "about:blank",
        "title": "The shop failed",
        "status": 500,
        "detail": "The shop met an error that it does not know. Its log has the details.",
        "instance": "/things",
    }


async def test_a_method_that_is_not_there_is_answered_with_those_of_every_endpoint_of_the_path(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.delete("/things")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, PUT")


async def test_what_is_sent_with_every_problem_is_sent_with_that_of_a_path_that_is_none(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/nothing")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")


def test_problems_of_one_status_are_described_together_and_each_once() -> None:
    described = PROBLEMS.responses(_SoldOutError, _ClosedError, _SoldOutError)
    assert described["503"]["description"] == "Sold out; or: Closed"


def test_a_description_names_the_headers_that_say_when_to_ask_again_and_how_to_log_in() -> None:
    described = PROBLEMS.responses(_SoldOutError, _StrangerError)
    assert list(described["503"]["headers"]) == ["Retry-After"]
    assert list(described["401"]["headers"]) == ["WWW-Authenticate"]
