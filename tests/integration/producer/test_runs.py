"""Every fetch and every connection of a feed is a run, also while the database is away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from db.settings import DatabaseSettings
from producer.database import Database
from producer.journal import Counts, RunJournal
from producer.runs import RunReader
from tests.integration.producer.broker import Broker
from tests.integration.producer.conftest import KEY, Serve
from tests.integration.producer.json_server import JsonServer, refusal
from tests.integration.producer.proxy import Proxy
from tests.integration.producer.venue import Venue, match
from tests.integration.producer.waiting import WAIT_SECONDS, until
from tests.stack import RunningStack

TICKER = {"price": "101.25", "time": "2025-03-04T12:30:20.244075Z"}
LIMITED = refusal(429, {"message": "Public rate limit exceeded"})


@pytest.fixture(autouse=True)
def _every_number_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer is given without the number of its run where PostgreSQL takes two seconds to have it."""
    monkeypatch.setattr("producer.fetching.NOTING_SECONDS", WAIT_SECONDS)


@pytest.fixture
async def database_proxy(database_settings: DatabaseSettings) -> AsyncIterator[Proxy]:
    """The way to PostgreSQL, which can be cut."""
    proxy = Proxy(database_settings.postgres_host, database_settings.postgres_port)
    await proxy.start()
    yield proxy
    await proxy.stop()


def asked_for(answers: dict[str, object]) -> Callable[[str], object | None]:
    return lambda path: answers.get(path.split("/")[2])


async def fetch(client: httpx.AsyncClient, *symbols: str) -> httpx.Response:
    return await client.post("/fetch-data", json={"symbols": list(symbols)}, headers=KEY)


async def runs_of(client: httpx.AsyncClient, kind: str, symbol: str) -> list[dict[str, Any]]:
    """The runs of a symbol, oldest first."""
    found = (await client.get("/runs", params={"kind": kind, "limit": 500})).json()
    return [run for run in reversed(found) if symbol in run["request"]["symbols"]]


async def once(
    client: httpx.AsyncClient, kind: str, symbol: str, is_so: Callable[[list[dict[str, Any]]], bool]
) -> list[dict[str, Any]]:
    """Ask for the runs of a symbol until they are as told."""
    for _ in range(1_000):
        runs = await runs_of(client, kind, symbol)
        if is_so(runs):
            return runs
        await asyncio.sleep(0.05)
    raise AssertionError(f"in vain, the runs are {runs}")


async def test_a_fetch_is_a_run_that_tells_what_came_and_what_it_cost(serve: Serve, symbol: str) -> None:
    async with (
        JsonServer(asked_for({symbol: TICKER})) as server,
        serve(coinbase_rest_url=server.url) as client,
    ):
        report = (await fetch(client, symbol)).json()
        run = (await client.get(f"/runs/{report['run_id']}")).json()
    assert (run["kind"], run["source"], run["request"]) == ("fetch", "coinbase", {"symbols": [symbol]})
    assert (run["status"], run["event_count"], run["call_count"], run["error"]) == ("succeeded", 1, 1, None)


async def test_quotes_that_were_answered_are_published_although_others_were_refused(
    serve: Serve, broker: Broker, symbol: str
) -> None:
    other = f"X{symbol}"
    async with (
        JsonServer(asked_for({symbol: TICKER, other: TICKER})) as server,
        broker.following() as arrivals,
        serve(coinbase_rest_url=server.url) as client,
    ):
        report = (await fetch(client, symbol, "NO-NE", other)).json()
        await until(lambda: len(arrivals.of_kind("quote")) == 2, "both quotes have arrived")
        run = (await client.get(f"/runs/{report['run_id']}")).json()
    assert {event.symbol for event in arrivals.events} == {symbol, other}
    assert report["confirmed_events"] == 2
    assert report["failures"].keys() == {"NO-NE"}
    assert "404 for 'NO-NE': NotFound" in report["failures"]["NO-NE"]
    assert (run["status"], run["event_count"], run["call_count"]) == ("failed", 2, 3)
    assert run["error"] == report["failures"]["NO-NE"]


async def test_after_a_refusal_of_all_nothing_more_is_asked_and_what_came_before_is_kept(
    serve: Serve, symbol: str
) -> None:
    async with (
        JsonServer(asked_for({symbol: TICKER, "SLOW-DOWN": LIMITED})) as server,
        serve(coinbase_rest_url=server.url) as client,
    ):
        report = (await fetch(client, symbol, "SLOW-DOWN", "ABC-USD")).json()
        run = (await client.get(f"/runs/{report['run_id']}")).json()
    assert [quote["symbol"] for quote in report["quotes"]] == [symbol]
    assert report["failures"].keys() == {"SLOW-DOWN", "ABC-USD"}
    assert run["call_count"] == 2


async def test_a_fetch_without_any_quote_is_a_problem_and_a_failed_run(serve: Serve, symbol: str) -> None:
    async with JsonServer(asked_for({})) as server, serve(coinbase_rest_url=server.url) as client:
        assert (await fetch(client, symbol)).status_code == 502
        (run,) = await runs_of(client, "fetch", symbol)
    assert (run["status"], run["event_count"], run["call_count"]) == ("failed", 0, 1)
    assert f"404 for '{symbol}'" in run["error"]


async def test_each_connection_of_a_feed_is_a_run_from_its_beginning_to_its_end(
    serve: Serve, symbol: str
) -> None:
    scripts = [[match(symbol, 1, 7), match(symbol, 2, 8)], [match(symbol, 3, 9)]]
    async with (
        Venue(scripts, drop_after={0}) as venue,
        serve(coinbase_ws_url=venue.url, coinbase_products=(symbol,), feeds=("coinbase",)) as client,
    ):
        await once(client, "stream", symbol, lambda runs: len(runs) == 2)
        await client.post("/feeds/coinbase/stop", headers=KEY)
        lost, stopped = await once(client, "stream", symbol, lambda runs: runs[-1]["status"] == "cancelled")
    assert (lost["status"], lost["source"], lost["call_count"]) == ("failed", "coinbase", 1)
    # The beginning of the feed, two trades and the break; then what the second connection told.
    assert lost["event_count"] == 3
    assert "no close frame" in lost["error"]
    assert stopped["error"] == "The feed was stopped."


async def test_attempts_that_fail_belong_to_the_run_of_the_connection_that_comes_of_them(
    serve: Serve, symbol: str
) -> None:
    nowhere = "ws://127.0.0.1:1"
    async with serve(coinbase_ws_url=nowhere, coinbase_products=(symbol,), feeds=("coinbase",)) as client:
        await once(client, "stream", symbol, lambda runs: bool(runs) and runs[0]["status"] == "running")
        for _ in range(1_000):
            feed = (await client.get("/feeds")).json()["feeds"]["coinbase"]
            if feed["state"] == "reconnecting":
                break
            await asyncio.sleep(0.05)
        await client.post("/feeds/coinbase/stop", headers=KEY)
        (run,) = await once(client, "stream", symbol, lambda runs: runs[0]["status"] == "cancelled")
    assert run["event_count"] == 0
    assert run["call_count"] >= 1


async def test_while_the_database_is_away_a_feed_runs_and_its_run_is_written_later(
    serve: Serve, symbol: str, broker: Broker, database_proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("producer.journal.RETRY_SECONDS", 0.05)
    database_proxy.cut()
    async with (
        Venue([[match(symbol, 1, 7)]]) as venue,
        broker.following() as arrivals,
        serve(
            postgres_port=database_proxy.port,
            coinbase_ws_url=venue.url,
            coinbase_products=(symbol,),
            feeds=("coinbase",),
        ) as client,
    ):
        await until(lambda: arrivals.of_kind("trade"), "the feed runs")
        await client.post("/feeds/coinbase/stop", headers=KEY)
        assert (await client.get("/runs")).status_code == 503
        database_proxy.mend()
        for _ in range(1_000):
            if (await client.get("/runs")).status_code == 200:
                break
            await asyncio.sleep(0.05)
        (run,) = await once(client, "stream", symbol, lambda runs: bool(runs))
    assert (run["status"], run["event_count"]) == ("cancelled", 2)
    assert run["started_at"] < run["finished_at"]


async def test_a_run_without_its_process_has_failed_and_runs_again_when_it_was_only_cut_off(
    database: Database,
    database_settings: DatabaseSettings,
    database_proxy: Proxy,
    monkeypatch: pytest.MonkeyPatch,
    symbol: str,
) -> None:
    monkeypatch.setattr("producer.journal.RETRY_SECONDS", 0.05)
    monkeypatch.setattr("producer.journal.PERIOD_SECONDS", 0.05)
    behind = Database(database_settings.model_copy(update={"postgres_port": database_proxy.port}))
    journal = RunJournal(behind)
    journal.start()
    seen = 0
    entry = journal.begin("stream", "test", {"symbols": [symbol]}, lambda: Counts(seen, 1))
    await until(lambda: entry.run_id is not None, "the run is written")
    assert entry.run_id is not None
    reader = RunReader(database)

    async def becomes(status: str) -> dict[str, Any]:
        for _ in range(1_000):
            run = dict(await reader.run(entry.run_id or 0))
            if run["status"] == status:
                return run
            await asyncio.sleep(0.05)
        raise AssertionError(f"in vain: the run is {status}")

    database_proxy.cut()
    assert (await becomes("failed"))["error"] == "The process ended before this run did."
    database_proxy.mend()
    seen = 5
    run = await becomes("running")
    assert (run["error"], run["finished_at"]) == (None, None)
    journal.end(entry, "succeeded")
    run = await becomes("succeeded")
    assert (run["event_count"], run["call_count"]) == (5, 1)
    await journal.close(5)
    await behind.close()


async def test_only_so_many_runs_wait_for_the_database(
    stack: RunningStack, database_settings: DatabaseSettings
) -> None:
    away = Database(database_settings.model_copy(update={"postgres_port": 1}))
    journal = RunJournal(away, most_kept=2)
    entries = [journal.begin("fetch", "test", {}, Counts) for _ in range(4)]
    for entry in entries:
        journal.end(entry, "succeeded")
    assert journal.waiting == 2
    await away.close()
