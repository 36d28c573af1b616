"""A provider's key is in the question on the wire, and nowhere else."""

from __future__ import annotations

import logging
import traceback

import httpx
import pytest

from producer.errors import ProviderError
from producer.polling.http import REDACTED, RestServer
from producer.quota.budget import Account
from tests.answers import Answer, AnswerServer
from tests.unit.producer.asking import KEY, keyed_server


async def test_the_key_is_sent_and_no_log_of_any_library_shows_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    async with AnswerServer(lambda _: Answer("[]")) as server:
        await keyed_server(server.url).get("stable/quote", {"symbol": "AAPL"})
    assert server.questions[0].parameters["apikey"] == KEY
    assert "symbol=AAPL" in caplog.text  # httpx does log what it asks
    assert_secret(caplog.text)


async def test_a_key_that_the_provider_echoes_is_taken_out() -> None:
    async with AnswerServer(lambda _: Answer(f"your key {KEY} has no calls left")) as server:
        reply = await keyed_server(server.url).get("query", {})
    assert reply.text == f"your key {REDACTED} has no calls left"


async def test_an_error_on_the_way_has_no_key_in_its_text_or_its_causes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(ProviderError) as refusal:
        await keyed_server("http://127.0.0.1:1").get("query", {"symbol": "AAPL"})
    logging.getLogger("test").error("failed", exc_info=refusal.value)
    assert_secret(caplog.text + "".join(traceback.format_exception(refusal.value)))


def test_what_holds_the_key_does_not_show_it() -> None:
    server: RestServer = keyed_server("http://127.0.0.1:1")
    assert_secret(repr(server) + repr(Account.of("fmp", server.credentials.parameters["apikey"])))


async def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with AnswerServer(lambda _: Answer("[]")) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "")
        reply = await keyed_server("http://venue.invalid").get("stable/quote", {})
    assert reply.text == "[]"


def assert_secret(text: str) -> None:
    assert text
    assert KEY not in text
    assert str(httpx.QueryParams({"key": KEY})).removeprefix("key=") not in text
