"""The API, served whole: publisher, feeds, database and broker behind it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from producer.settings import ProducerSettings
from tests.integration.producer.broker import Broker
from tests.integration.producer.conftest import KEY, Serve
from tests.integration.producer.json_server import JsonServer
from tests.integration.producer.proxy import Proxy
from tests.integration.producer.venue import Venue, match
from tests.integration.producer.waiting import WAIT_SECONDS, until


async def health(client: httpx.AsyncClient) -> tuple[int, dict[str, Any]]:
    response = await client.get("/health")
    return response.status_code, response.json()


async def wait_for_health(client: httpx.AsyncClient, status: int) -> dict[str, Any]:
    """Ask until the health has this status."""
    for _ in range(1_000):
        code, report = await health(client)
        if code == status:
            return report
        await _pause()
    raise AssertionError(f"in vain: /health answers {status}, the last was {report}")


async def _pause() -> None:
    await asyncio.sleep(0.05)


async def test_health_names_each_dependency_and_each_feed(serve: Serve) -> None:
    async with serve() as client:
        report = await wait_for_health(client, 200)
    assert report["status"] == "ok"
    assert report["dependencies"]["broker"]["state"] == "connected"
    assert report["dependencies"]["broker"]["buffered_events"] == 0
    assert report["dependencies"]["database"]["state"] == "connected"
    names = ("coinbase", "kraken", "binance", "alpaca", "finnhub", "simulator")
    assert {name: feed["state"] for name, feed in report["feeds"].items()} == dict.fromkeys(names, "stopped")


async def test_health_answers_503_while_the_broker_is_away_and_counts_what_waits(
    serve: Serve, proxy: Proxy
) -> None:
    async with (
        Venue([[match("ABC-USD", 1, number) for number in range(1, 30)]]) as venue,
        serve(rabbitmq_port=proxy.port, coinbase_ws_url=venue.url, coinbase_products=("ABC-USD",)) as client,
    ):
        await wait_for_health(client, 200)
        proxy.cut()
        report = await wait_for_health(client, 503)
        assert report["dependencies"]["broker"]["state"] == "away"
        assert report["dependencies"]["database"]["state"] == "connected"
        await client.post("/feeds/coinbase/start", headers=KEY)
        for _ in range(1_000):
            _, report = await health(client)
            if report["dependencies"]["broker"]["buffered_events"] == 30:
                break
            await _pause()
        assert report["dependencies"]["broker"]["buffered_events"] == 30
        proxy.mend()
        report = await wait_for_health(client, 200)


async def test_health_answers_503_while_the_database_is_away_and_feeds_run_on(
    serve: Serve, broker: Broker
) -> None:
    async with (
        broker.following() as arrivals,
        Venue([[match("ABC-USD", 1, 7)]]) as venue,
        serve(
            postgres_port=1,
            feeds=("coinbase",),
            coinbase_ws_url=venue.url,
            coinbase_products=("ABC-USD",),
        ) as client,
    ):
        await until(lambda: arrivals.of_kind("trade"), "the feed runs")
        code, report = await health(client)
        assert code == 503
        assert report["dependencies"]["database"]["state"] == "away"
        assert report["feeds"]["coinbase"]["state"] == "streaming"
        assert report["feeds"]["coinbase"]["last_event_time"] == "2025-03-04T12:30:21Z"


async def test_a_feed_that_died_shows_in_health(serve: Serve) -> None:
    async with serve(feeds=("coinbase",), coinbase_ws_url="http://nowhere") as client:
        for _ in range(1_000):
            code, report = await health(client)
            if report["feeds"]["coinbase"]["state"] == "failed":
                break
            await _pause()
        assert code == 503
        assert "COINBASE_WS_URL" in report["feeds"]["coinbase"]["last_error"]


@pytest.mark.parametrize(
    "path", ["/feeds/simulator/start", "/feeds/simulator/stop", "/fetch-data", "/backfill"]
)
@pytest.mark.parametrize("key", [None, b"", b"sesam", "ключ".encode()])
async def test_what_changes_something_needs_the_api_key(serve: Serve, path: str, key: bytes | None) -> None:
    headers: dict[bytes, bytes] = {} if key is None else {b"X-API-Key": key}
    async with serve() as client:
        response = await client.post(path, json={"symbols": ["BTC-USD"]}, headers=headers)
        assert response.status_code == 401
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json() == {
            "type": "about:blank",
            "title": "API key missing or wrong",
            "status": 401,
            "detail": f"{'The API key is wrong or revoked. ' if key else ''}This needs the header X-API-Key "
            "with a key of scope control: the value of PRODUCER_API_KEY in the env file, or a key that POST "
            "/keys has made.",
            "instance": path,
        }


async def test_without_a_configured_key_nothing_can_be_changed(serve: Serve) -> None:
    async with serve(producer_api_key=SecretStr("")) as client:
        response = await client.post("/feeds/simulator/start", headers={"X-API-Key": ""})
        assert response.status_code == 401
        assert "PRODUCER_API_KEY is not set" in response.json()["detail"]


async def test_a_feed_is_started_and_stopped_once_however_often_it_is_asked(serve: Serve) -> None:
    async with serve(simulator_history_minutes=0) as client:
        changes = [
            (await client.post(f"/feeds/simulator/{change}", headers=KEY)).json()["changed"]
            for change in ("stop", "start", "start", "stop", "stop")
        ]
        assert changes == [False, True, False, True, False]
        assert (await client.get("/feeds")).json()["feeds"]["simulator"]["running"] is False


async def test_an_unknown_feed_is_a_problem_that_names_those_there_are(serve: Serve) -> None:
    async with serve() as client:
        response = await client.post("/feeds/krake/start", headers=KEY)
        assert response.status_code == 404
        assert response.json()["detail"] == (
            "There is no feed 'krake'. The feeds are: coinbase, kraken, binance, alpaca, finnhub, simulator."
        )


async def test_a_feed_whose_key_is_missing_is_not_started_and_says_which(serve: Serve) -> None:
    async with serve() as client:
        response = await client.post("/feeds/alpaca/start", headers=KEY)
        assert response.status_code == 409
        assert response.json()["detail"].startswith("The feed alpaca needs ALPACA_KEY and ALPACA_SECRET")


async def test_a_feed_of_a_symbol_that_another_feed_streams_is_not_started(serve: Serve) -> None:
    async with (
        Venue([[match("ABC-USD", 1, 7)]]) as venue,
        serve(
            feeds=("coinbase",),
            coinbase_ws_url=venue.url,
            coinbase_products=("ABC-USD",),
            kraken_symbols=("XYZ-USD", "ABC-USD"),
        ) as client,
    ):
        response = await client.post("/feeds/kraken/start", headers=KEY)
        assert response.status_code == 409
        assert response.json()["detail"].startswith("The feed coinbase streams ABC-USD already")


async def test_feeds_say_why_they_were_chosen(serve: Serve) -> None:
    silent = "http://127.0.0.1:1"
    async with serve(feeds=("auto",), coinbase_rest_url=silent, simulator_history_minutes=0) as client:
        report = (await client.get("/feeds")).json()
        assert report["choice"].startswith(f"FEEDS=auto: Coinbase does not answer at {silent}/time")
        assert report["feeds"]["simulator"]["running"] is True


async def test_auto_starts_coinbase_where_it_answers(
    serve: Serve, exchange: JsonServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("producer.feeds.PROBE_SECONDS", WAIT_SECONDS)
    async with (
        Venue([[match("ABC-USD", 1, 7)]]) as venue,
        serve(feeds=("auto",), coinbase_rest_url=exchange.url, coinbase_ws_url=venue.url) as client,
    ):
        report = (await client.get("/feeds")).json()
        assert report["choice"] == f"FEEDS=auto: Coinbase answers at {exchange.url}/time"
        assert report["feeds"]["coinbase"]["running"] is True
        assert report["feeds"]["simulator"]["running"] is False


async def test_symbols_are_listed_with_their_provider(serve: Serve) -> None:
    others = dict.fromkeys(("kraken_symbols", "binance_symbols", "alpaca_symbols", "finnhub_symbols"), ())
    async with serve(coinbase_products=("ABC-USD",), simulator_symbols=("X.SIM",), **others) as client:
        assert (await client.get("/symbols")).json() == [
            {"symbol": "ABC-USD", "provider": "coinbase", "kind": "live", "streaming": False},
            {"symbol": "X.SIM", "provider": "simulator", "kind": "simulated", "streaming": False},
            *(
                {"symbol": symbol, "provider": "history", "kind": "history", "streaming": False}
                for symbol in ("AAPL", "FB", "GOOG", "IBM", "MSFT")
            ),
        ]


async def test_fetched_quotes_are_published_and_confirmed(
    serve: Serve, broker: Broker, exchange: JsonServer
) -> None:
    async with broker.following() as arrivals, serve(coinbase_rest_url=exchange.url) as client:
        response = await client.post("/fetch-data", json={"symbols": ["ABC-USD"]}, headers=KEY)
        assert response.status_code == 200
        report = response.json()
        assert (report["provider"], report["confirmed_events"]) == ("coinbase", 1)
        assert report["quotes"][0]["price"] == "101.2500"
        await until(lambda: arrivals.events, "the quote has arrived")
        (quote,) = arrivals.events
        assert (quote.kind, quote.symbol, str(quote.price), quote.day_volume, quote.size) == (
            "quote",
            "ABC-USD",
            "101.2500",
            None,
            None,
        )
        assert quote.event_id == report["quotes"][0]["event_id"]


async def test_a_product_that_is_none_is_told_in_the_words_of_the_venue(
    serve: Serve, exchange: JsonServer
) -> None:
    async with serve(coinbase_rest_url=exchange.url) as client:
        response = await client.post("/fetch-data", json={"symbols": ["NO-NE"]}, headers=KEY)
        assert response.status_code == 502
        assert "404 for 'NO-NE': NotFound" in response.json()["detail"]


async def test_quotes_that_the_broker_does_not_confirm_are_a_problem(
    serve: Serve, exchange: JsonServer, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("producer.api.endpoints.CONFIRM_SECONDS", 0.5)
    monkeypatch.setattr("producer.api.app.SHUTDOWN_FLUSH_SECONDS", 0.5)
    async with serve(coinbase_rest_url=exchange.url, rabbitmq_port=proxy.port) as client:
        await wait_for_health(client, 200)
        proxy.cut()
        response = await client.post("/fetch-data", json={"symbols": ["ABC-USD"]}, headers=KEY)
        assert response.status_code == 503
        assert "1 events are not confirmed" in response.json()["detail"]


@pytest.mark.parametrize(
    "body", [{}, {"symbols": []}, {"symbols": ["a b"]}, {"symbols": ["../time"]}, {"symbols": "BTC-USD"}]
)
async def test_a_request_that_is_not_valid_is_a_problem_that_names_the_field(
    serve: Serve, body: dict[str, object]
) -> None:
    async with serve() as client:
        response = await client.post("/fetch-data", json=body, headers=KEY)
        assert response.status_code == 422
        assert response.headers["content-type"] == "application/problem+json"
        assert "body.symbols" in response.json()["detail"]


async def test_a_provider_without_quotes_is_a_problem_that_names_those_with(serve: Serve) -> None:
    async with serve() as client:
        body = {"symbols": ["X.SIM"], "provider": "simulator"}
        response = await client.post("/fetch-data", json=body, headers=KEY)
        assert response.status_code == 404
        assert response.json()["detail"].endswith("Those that do: coinbase.")


async def test_a_path_that_is_none_is_a_problem(serve: Serve) -> None:
    async with serve() as client:
        response = await client.get("/nothing")
        assert (response.status_code, response.json()["title"]) == (404, "Not Found")


async def test_a_method_that_a_path_does_not_have_is_a_problem_with_those_it_has(serve: Serve) -> None:
    async with serve() as client:
        response = await client.delete("/feeds")
        assert (response.status_code, response.json()["title"]) == (405, "Method Not Allowed")
        assert response.headers["content-type"] == "application/problem+json"
        assert response.headers["allow"] == "GET"


async def test_a_body_that_is_no_text_is_a_problem(serve: Serve) -> None:
    async with serve() as client:
        headers = KEY | {"Content-Type": "application/json"}
        response = await client.post("/fetch-data", content=b'{"symbols": ["\xff"]}', headers=headers)
        assert response.status_code == 400
        assert response.headers["content-type"] == "application/problem+json"


async def test_every_operation_is_described_and_no_secret_is(
    serve: Serve, settings: ProducerSettings
) -> None:
    async with serve() as client:
        document = (await client.get("/openapi.json")).json()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation.get("description"), f"{method} {path}"
    assert settings.rabbitmq_producer_password.get_secret_value() not in json.dumps(document)
