"""Providers with a key, over the API: quotas, circuits, and a key that shows nowhere."""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from producer.events import (
    MICROSECONDS_PER_DAY,
    MICROSECONDS_PER_MINUTE,
    MICROSECONDS_PER_SECOND,
    clock_micros,
)
from tests.answers import Answer, AnswerServer, Question
from tests.integration.producer.broker import Broker
from tests.integration.producer.conftest import KEY, Serve
from tests.integration.producer.waiting import WAIT_SECONDS, until
from tests.simulated_clock import SimulatedClock
from tests.stack import RunningStack

OPEN = datetime(2024, 11, 25, 15, tzinfo=UTC)
QUOTE = {"price": 256.08, "volume": 101865199, "timestamp": 1758571201}
AWAY = Answer("away", 503, headers={"Retry-After": "3600"})
WRONG_KEY = Answer('{"Error Message":"Invalid API KEY. Feel free to create a Free API Key"}', 401)


@pytest.fixture
def provider_key() -> str:
    """A key that no other test has used: its quota is untouched."""
    return uuid.uuid4().hex


@pytest.fixture
async def within_a_day() -> None:
    """Wait for the next day where this one has less than a minute left: calls are counted by UTC date."""
    while (left := MICROSECONDS_PER_DAY - clock_micros() % MICROSECONDS_PER_DAY) < MICROSECONDS_PER_MINUTE:
        await asyncio.sleep(left / MICROSECONDS_PER_SECOND)


@pytest.fixture
def while_open(monkeypatch: pytest.MonkeyPatch) -> SimulatedClock:
    """Let the producer live on a Monday on which New York is open."""
    clock = SimulatedClock(OPEN, OPEN + timedelta(minutes=30))
    monkeypatch.setattr("producer.providers.registry.SystemClock", lambda: clock)
    return clock


def quotes(question: Question) -> Answer:
    return Answer(json.dumps([{"symbol": question.parameters["symbol"], **QUOTE}]))


def evening(question: Question) -> Answer:
    body = {
        "Global Quote": {
            "01. symbol": question.parameters["symbol"],
            "02. open": "339.5000",
            "03. high": "340.4550",
            "04. low": "335.4350",
            "05. price": "336.4600",
            "06. volume": "10771945",
            "07. latest trading day": "2025-09-22",
            "08. previous close": "340.2700",
        }
    }
    return Answer(json.dumps(body))


def fmp(server: AnswerServer, key: str, symbols: tuple[str, ...] = ("AAPL",)) -> dict[str, object]:
    return {"fmp_api_key": SecretStr(key), "fmp_base_url": server.url, "fmp_symbols": symbols}


async def fetch(client: httpx.AsyncClient, provider: str, symbol: str) -> httpx.Response:
    body = {"symbols": [symbol], "provider": provider}
    return await client.post("/fetch-data", json=body, headers=KEY)


async def provider_of(client: httpx.AsyncClient, name: str) -> dict[str, Any]:
    (found,) = [report for report in (await client.get("/providers")).json() if report["name"] == name]
    assert isinstance(found, dict)
    return found


async def feed_once(
    client: httpx.AsyncClient, status: int, condition: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    """Ask for the health until it has this status and its feed is as told."""
    for _ in range(1_000):
        response = await client.get("/health")
        feed: dict[str, Any] = response.json()["feeds"]["fmp"]
        if response.status_code == status and condition(feed):
            return feed
        await asyncio.sleep(0.05)
    raise AssertionError(f"in vain, the feed is {feed}")


async def test_a_provider_without_its_key_is_off(serve: Serve) -> None:
    async with serve() as client:
        names = {report["name"] for report in (await client.get("/providers")).json()}
    assert "coinbase" in names
    assert names.isdisjoint({"fmp", "alpha_vantage"})


@pytest.mark.usefixtures("within_a_day")
async def test_a_fetched_quote_is_published_confirmed_and_counted(
    serve: Serve, broker: Broker, provider_key: str
) -> None:
    async with (
        AnswerServer(quotes) as server,
        broker.following() as arrivals,
        serve(**fmp(server, provider_key)) as client,
    ):
        response = await fetch(client, "fmp", "AAPL")
        assert response.status_code == 200, response.text
        await until(lambda: arrivals.events, "the quote has arrived")
        (quote,) = arrivals.events
        assert quote.event_id == response.json()["quotes"][0]["event_id"]
        assert (quote.source, str(quote.price), str(quote.day_volume)) == ("fmp", "256.08", "101865199")
        report = await provider_of(client, "fmp")
    assert report["kind"] == "live"
    assert report["symbols"] == ["AAPL"]
    assert report["capabilities"] == ["poll", "quotes", "bars", "search"]
    assert report["bar_intervals"] == ["1d"]
    assert report["circuit"] == "closed"
    (quota,) = report["quota"]
    assert (quota["calls"], quota["period"], quota["used"], quota["left"]) == (250, "day", 1, 249)
    assert quota["resets_at"].endswith("T00:00:00Z")


@pytest.mark.usefixtures("within_a_day")
async def test_a_spent_day_is_a_problem_that_says_when_and_asks_nobody(
    serve: Serve, provider_key: str
) -> None:
    async with (
        AnswerServer(evening) as server,
        serve(
            alpha_vantage_api_key=SecretStr(provider_key),
            alpha_vantage_base_url=server.url,
            alpha_vantage_calls_per_day=1,
        ) as client,
    ):
        assert (await fetch(client, "alpha_vantage", "VTI")).status_code == 200
        response = await fetch(client, "alpha_vantage", "VTI")
        assert len(server.questions) == 1
        assert response.status_code == 429
        assert response.json()["title"] == "The provider's quota is spent"
        assert 0 < int(response.headers["Retry-After"]) <= 86_400


@pytest.mark.usefixtures("within_a_day")
async def test_what_was_answered_before_the_day_was_spent_is_published_and_the_rest_is_told(
    serve: Serve, provider_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("producer.fetching.NOTING_SECONDS", WAIT_SECONDS)
    async with (
        AnswerServer(evening) as server,
        serve(
            alpha_vantage_api_key=SecretStr(provider_key),
            alpha_vantage_base_url=server.url,
            alpha_vantage_calls_per_day=1,
        ) as client,
    ):
        body = {"symbols": ["VTI", "VOO", "VXUS"], "provider": "alpha_vantage"}
        response = await client.post("/fetch-data", json=body, headers=KEY)
        report = response.json()
        run = (await client.get(f"/runs/{report['run_id']}")).json()
    assert response.status_code == 200
    assert [quote["symbol"] for quote in report["quotes"]] == ["VTI"]
    assert report["failures"].keys() == {"VOO", "VXUS"}
    assert "All 1 calls to alpha_vantage of this day are made" in report["failures"]["VOO"]
    assert (run["status"], run["event_count"], run["call_count"]) == ("failed", 1, 1)


@pytest.mark.usefixtures("within_a_day")
async def test_a_provider_is_searched_for_symbols_at_the_cost_of_a_call(
    serve: Serve, provider_key: str
) -> None:
    found = [{"symbol": "AAPL", "name": "Apple Inc.", "currency": "USD", "exchange": "NASDAQ"}]
    asked = {"provider": "fmp", "query": "AA"}
    async with (
        AnswerServer(lambda _: Answer(json.dumps(found))) as server,
        serve(**fmp(server, provider_key)) as client,
    ):
        response = await client.get("/symbols/search", params=asked, headers=KEY)
        assert response.json() == [
            {"symbol": "AAPL", "name": "Apple Inc.", "venue": "NASDAQ", "currency": "USD"}
        ]
        assert (await provider_of(client, "fmp"))["quota"][0]["used"] == 1
        assert (await client.get("/symbols/search", params=asked)).status_code == 401
        missing = await client.get(
            "/symbols/search", params={"provider": "coinbase", "query": "BTC"}, headers=KEY
        )
    assert missing.status_code == 404
    assert missing.json()["detail"].endswith("where their key is set: fmp.")


async def test_a_session_of_polling_is_a_run_with_the_calls_that_it_took(
    serve: Serve, provider_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before_close = OPEN.replace(hour=20, minute=59)
    clock = SimulatedClock(before_close, before_close + timedelta(hours=2))
    monkeypatch.setattr("producer.providers.registry.SystemClock", lambda: clock)
    symbol = f"T{uuid.uuid4().hex[:8].upper()}"
    async with (
        AnswerServer(quotes) as server,
        serve(**fmp(server, provider_key, (symbol,)), feeds=("fmp",)) as client,
    ):
        await until(clock.ended.is_set, "the session is over")
        for _ in range(1_000):
            found = (await client.get("/runs", params={"kind": "stream", "limit": 500})).json()
            runs = [run for run in found if symbol in run["request"]["symbols"]]
            if runs and runs[0]["status"] != "running":
                break
            await asyncio.sleep(0.05)
        (run,) = runs
    assert (run["source"], run["status"], run["error"]) == ("fmp", "succeeded", None)
    assert run["call_count"] == len(server.questions) > 0


async def test_a_quota_that_cannot_be_read_is_null_with_the_reason(serve: Serve, provider_key: str) -> None:
    async with (
        AnswerServer(quotes) as server,
        serve(postgres_port=1, **fmp(server, provider_key)) as client,
    ):
        report = await provider_of(client, "fmp")
        assert report["quota"] is None
        assert "PostgreSQL cannot count" in report["detail"]
        assert (await fetch(client, "fmp", "AAPL")).status_code == 502
        assert server.questions == []


async def test_health_shows_the_pace_of_a_feed_that_polls(
    serve: Serve, provider_key: str, while_open: SimulatedClock
) -> None:
    async with AnswerServer(quotes) as server, serve(**fmp(server, provider_key), feeds=("fmp",)) as client:
        feed = await feed_once(client, 200, lambda feed: feed["state"] == "polling")
        assert feed["circuit"] == "closed"
        assert feed["detail"] == "250 calls a day: AAPL every 86 s"  # of a session half an hour old


async def test_health_shows_an_open_circuit_while_the_provider_is_away(
    serve: Serve, provider_key: str, while_open: SimulatedClock
) -> None:
    async with (
        AnswerServer(lambda _: AWAY) as server,
        serve(**fmp(server, provider_key), feeds=("fmp",)) as client,
    ):
        feed = await feed_once(client, 200, lambda feed: feed["state"] == "paused")
        assert feed["circuit"] == "open"
        assert "Nothing is asked before 2024-11-25 16:00:00 UTC" in feed["detail"]
        assert (await provider_of(client, "fmp"))["circuit"] == "open"


async def test_a_wrong_key_ends_the_feed_with_a_sentence_and_shows_nowhere(
    serve: Serve, provider_key: str, while_open: SimulatedClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with (
        AnswerServer(lambda _: WRONG_KEY) as server,
        serve(**fmp(server, provider_key), feeds=("fmp",)) as client,
    ):
        feed = await feed_once(client, 503, lambda feed: feed["state"] == "failed")
        assert feed["circuit"] == "open"
        assert "Correct FMP_API_KEY" in feed["last_error"]
        shown = [(await client.get(path)).text for path in ("/health", "/feeds", "/providers", "/symbols")]
        shown.append((await fetch(client, "fmp", "AAPL")).text)
    assert server.questions[0].parameters["apikey"] == provider_key
    assert provider_key not in "".join(shown)
    assert "Correct FMP_API_KEY" in caplog.text
    assert provider_key not in caplog.text


async def test_auto_starts_what_has_a_key_too(
    serve: Serve, provider_key: str, while_open: SimulatedClock
) -> None:
    silent = "http://127.0.0.1:1"
    async with (
        AnswerServer(quotes) as server,
        serve(
            **fmp(server, provider_key),
            feeds=("auto",),
            coinbase_rest_url=silent,
            simulator_history_minutes=0,
        ) as client,
    ):
        report = (await client.get("/feeds")).json()
        assert report["choice"].endswith("; there is a key for fmp")
        running = {name for name, feed in report["feeds"].items() if feed["running"]}
        assert running == {"simulator", "fmp"}


async def test_a_symbol_is_registered_with_the_calendar_of_its_venue(
    serve: Serve, provider_key: str, while_open: SimulatedClock, stack: RunningStack
) -> None:
    symbol = f"T{uuid.uuid4().hex[:8].upper()}"
    with stack.psycopg("market_reader") as connection, connection.cursor() as cursor:

        def registered() -> object:
            cursor.execute("SELECT asset_class, source, calendar FROM assets WHERE symbol = %s", [symbol])
            found = cursor.fetchone()
            connection.rollback()
            return found

        async with (
            AnswerServer(quotes) as server,
            serve(**fmp(server, provider_key, (symbol,)), feeds=("fmp",)),
        ):
            await until(registered, "the symbol is registered")
        assert registered() == ("equity", "fmp", "XNYS")
    connection.close()
