"""Backfills fetch what is missing, only that, and go on where they stopped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from db.settings import DatabaseSettings
from producer.backfill.ledger import Ledger
from producer.backfill.missing import Window
from producer.backfill.publisher import BarPublisher
from producer.backfill.request import BackfillRequest
from producer.backfill.service import Backfill
from producer.database import Database
from producer.events import to_micros
from producer.providers.coinbase.candles import CoinbaseBars
from producer.providers.protocol import Provider, Source
from producer.settings import ProducerSettings
from tests.integration.producer.archive import HOUR, MINUTE, START, Archive
from tests.integration.producer.broker import TOPOLOGY, Broker
from tests.integration.producer.candle_venue import FAILING, RATE_LIMITED, CandleVenue, minutes
from tests.integration.producer.conftest import KEY, Serve
from tests.integration.producer.json_server import JsonServer, refusal
from tests.integration.producer.market import store_candle
from tests.integration.producer.waiting import WAIT_SECONDS, until
from tests.stack import RunningStack


@pytest.fixture
def venue() -> CandleVenue:
    return CandleVenue()


@pytest.fixture
async def exchange_url(venue: CandleVenue) -> AsyncIterator[str]:
    async with JsonServer(venue.answer) as server:
        yield server.url


@pytest.fixture
def archive(stack: RunningStack, broker: Broker, symbol: str, exchange_url: str) -> Archive:
    return Archive(stack, broker, symbol, exchange_url)


def call(first: int, end: int) -> tuple[str, str]:
    """How the venue is asked for the minutes [first, end) after START: it counts the last one itself."""
    bounds = (START + first * MINUTE, START + (end - 1) * MINUTE)
    start, last = (f"{moment:%Y-%m-%dT%H:%M:%S}Z" for moment in bounds)
    return start, last


async def test_bars_arrive_digit_for_digit_and_the_symbol_becomes_known(
    archive: Archive, symbol: str
) -> None:
    code, output = await archive.run(until=START + 2 * MINUTE)
    assert (code, "2 bars of 1m were missing" in output) == (0, True), output
    first, second = await archive.bars()
    prices = (first.open, first.high, first.low, first.close, first.volume)
    assert [str(price) for price in prices] == ["100.25", "100.99", "100.01", "100.5", "1E-8"]
    assert (first.source, first.symbol, first.interval) == ("coinbase", symbol, "1m")
    assert (first.bucket_start, first.trading_day) == (to_micros(START), "2025-03-04")
    assert second.bucket_start == to_micros(START + MINUTE)
    assert archive.source() == [("coinbase",)]
    assert archive.runs() == [("succeeded", 2, 1, None)]


async def test_only_what_is_missing_is_asked_for_in_calls_of_at_most_300_buckets(
    archive: Archive, venue: CandleVenue, stack: RunningStack, symbol: str
) -> None:
    for number in (0, 1, 298, 299, 700):
        store_candle(stack, symbol, START + number * MINUTE)
    code, output = await archive.run(until=START + 701 * MINUTE)
    assert code == 0, output
    assert venue.calls == [call(2, 302), call(302, 602), call(602, 700)]


async def test_a_backfill_that_is_repeated_makes_no_call_not_even_for_minutes_without_trades(
    archive: Archive, venue: CandleVenue
) -> None:
    venue.quiet = minutes(START, range(10, 30))
    assert (await archive.run())[0] == 0
    assert len(await archive.bars()) == 40
    code, output = await archive.run()
    assert (code, "0 bars of 1m were missing" in output) == (0, True), output
    assert venue.calls == [call(0, 60)]
    assert (await archive.run(until=START + HOUR + MINUTE))[0] == 0
    assert venue.calls == [call(0, 60), call(60, 61)]


async def test_bars_of_the_last_day_that_did_not_come_are_asked_for_again(
    archive: Archive, venue: CandleVenue
) -> None:
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    venue.quiet = minutes(now, range(-6, 0))  # not there yet
    options = ("--from", f"{now - HOUR:%Y-%m-%dT%H:%M}", "--to", f"{now - MINUTE:%Y-%m-%dT%H:%M}")
    for _ in range(2):
        assert (await archive.run(*options))[0] == 0
    (whole, rest) = venue.calls
    assert whole[0] == f"{now - HOUR:%Y-%m-%dT%H:%M:%S}Z"
    assert rest == (f"{now - 6 * MINUTE:%Y-%m-%dT%H:%M:%S}Z", whole[1])
    assert archive.runs() == [("succeeded", 54, 1, None), ("succeeded", 0, 1, None)]


async def test_a_day_whose_session_has_closed_says_so_before_it_is_over_by_the_clock(
    archive: Archive, broker: Broker, database: Database, symbol: str, exchange_url: str
) -> None:
    source = Source("test-exchange", "live", "A venue of a test", (symbol,), calendar="XNYS")
    provider = Provider(source, bars=CoinbaseBars(exchange_url, source.name))
    assert provider.bars is not None
    after_the_close = to_micros(datetime(2025, 3, 4, 21, 5, tzinfo=UTC))
    wanted = Window(to_micros(datetime(2025, 3, 3, tzinfo=UTC)), after_the_close)
    request = BackfillRequest(source.name, (symbol,), "1d", wanted)
    ledger = Ledger(database)
    run = await ledger.open_run(request)
    async with BarPublisher(broker.address, TOPOLOGY) as sink:
        backfill = Backfill(provider, provider.bars, ledger, sink, clock=lambda: after_the_close)
        await backfill.run(run, request)
    await ledger.close_run(run, "succeeded", None)
    closes = to_micros(datetime(2025, 3, 4, 21, tzinfo=UTC))
    found = [(bar.trading_day, bar.session_end) for bar in await archive.bars()]
    assert found == [("2025-03-03", None), ("2025-03-04", closes)]


async def test_again_asks_for_what_was_answered_but_not_for_what_the_stream_has_whole(
    archive: Archive, venue: CandleVenue, stack: RunningStack, symbol: str
) -> None:
    assert (await archive.run())[0] == 0
    store_candle(stack, symbol, START)
    assert (await archive.run("--again"))[0] == 0
    assert venue.calls == [call(0, 60), call(1, 60)]


async def test_a_backfill_that_was_killed_goes_on_without_one_repeated_call(
    archive: Archive, venue: CandleVenue, exchange_url: str
) -> None:
    killing: list[asyncio.subprocess.Process] = []
    answer = venue.answer

    def kill_in_the_third_call(path: str) -> object | None:
        if len(venue.calls) == 2 and killing:
            killing.pop().kill()
            return None
        return answer(path)

    async with JsonServer(kill_in_the_third_call) as server:
        archive._url = server.url
        killing.append(process := await archive.start(until=START + 1_500 * MINUTE))
        async with asyncio.timeout(WAIT_SECONDS):
            await process.communicate()
    assert venue.calls == [call(0, 300), call(300, 600)]
    archive._url = exchange_url
    code, output = await archive.run(until=START + 1_500 * MINUTE)
    assert code == 0, output
    assert venue.calls == [call(first, first + 300) for first in range(0, 1_500, 300)]
    bars = await archive.bars()
    assert [bar.bucket_start for bar in bars] == [to_micros(START + n * MINUTE) for n in range(1_500)]
    (killed, succeeded) = archive.runs()
    assert killed[:3] == ("failed", 600, 3)
    assert "The process ended before this run did." in killed[3]
    assert succeeded == ("succeeded", 900, 3, None)


async def test_failures_that_may_pass_are_tried_again(archive: Archive, venue: CandleVenue) -> None:
    soon = refusal(503, {"message": "busy"}, Retry_After="1")
    venue.refusals = [FAILING, RATE_LIMITED, soon]
    assert (await archive.run())[0] == 0
    assert venue.calls == [call(0, 60)] * 4
    assert archive.runs() == [("succeeded", 60, 4, None)]


async def test_a_time_that_is_too_far_away_ends_the_backfill_with_a_sentence(
    archive: Archive, venue: CandleVenue
) -> None:
    venue.refusals = [refusal(429, {"message": "come back"}, Retry_After="3600")]
    code, output = await archive.run()
    assert code == 1
    assert "come back" in output
    assert len(venue.calls) == 1
    assert [run[0] for run in archive.runs()] == ["failed"]


async def test_a_symbol_that_the_provider_refuses_stops_no_other(
    archive: Archive, venue: CandleVenue, stack: RunningStack
) -> None:
    code, output = await archive.run("NO-NE")
    assert code == 1
    assert "404 for 'NO-NE': NotFound" in output
    assert len(await archive.bars()) == 60
    ((status, bars, calls, error),) = archive.runs()
    assert (status, bars, calls) == ("failed", 60, 2)
    assert "404 for 'NO-NE'" in error
    connection = stack.psycopg("market_reader")
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM assets WHERE symbol = 'NO-NE'")
        assert cursor.fetchone() == (0,)
    connection.close()


async def test_an_interrupted_backfill_says_so(archive: Archive, venue: CandleVenue) -> None:
    interrupting: list[asyncio.subprocess.Process] = []

    def interrupt(path: str) -> object | None:
        interrupting.pop().terminate()
        return refusal(429, {"message": "wait"}, Retry_After="60")

    async with JsonServer(interrupt) as server:
        archive._url = server.url
        interrupting.append(process := await archive.start())
        async with asyncio.timeout(WAIT_SECONDS):
            output, _ = await process.communicate()
    assert process.returncode == 130, output
    ((status, _, _, error),) = archive.runs()
    assert status == "cancelled"
    assert "it goes on where this one stopped" in error


async def test_bars_of_days_become_candles_of_the_shared_stack(
    stack: RunningStack, database_settings: DatabaseSettings
) -> None:
    connection = stack.psycopg("market_reader")
    connection.autocommit = True
    counts: list[tuple[Any, ...]] = []

    def have_come() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT symbol, count(*) FROM candles WHERE source = 'history' AND interval = '1d'"
                " AND origin = 'backfill' AND is_final AND NOT is_partial GROUP BY symbol ORDER BY symbol"
            )
            counts[:] = cursor.fetchall()
        return len(counts) == 5 and sum(count for _, count in counts) == 12_154

    await until(have_come, "the history that `up` has loaded is there")
    assert counts == [("AAPL", 3270), ("FB", 196), ("GOOG", 2148), ("IBM", 3270), ("MSFT", 3270)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, description ~ 'not adjusted' FROM data_sources WHERE name = 'history'")
        assert cursor.fetchall() == [("history", True)]
    connection.close()


async def run_of(client: httpx.AsyncClient, run_id: int, status: str) -> dict[str, Any]:
    """Ask for a run until it has this status."""
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            run: dict[str, Any] = (await client.get(f"/runs/{run_id}")).json()
            if run["status"] == status:
                return run
            await asyncio.sleep(0.05)


def order(symbol: str, **changes: object) -> dict[str, object]:
    return {
        "provider": "coinbase",
        "symbols": [symbol],
        "interval": "1m",
        "start": "2025-03-04T12:00",
        "end": "2025-03-04T13:00Z",
    } | changes


async def test_a_backfill_is_ordered_over_http_and_answered_with_its_run(
    serve: Serve, symbol: str, exchange_url: str, archive: Archive
) -> None:
    async with serve(coinbase_rest_url=exchange_url) as client:
        response = await client.post("/backfill", json=order(symbol), headers=KEY)
        assert response.status_code in {200, 202}
        run = await run_of(client, response.json()["id"], "succeeded")
        assert response.headers["Location"] == f"/runs/{run['id']}"
        assert (run["kind"], run["source"], run["event_count"], run["call_count"]) == (
            "backfill",
            "coinbase",
            60,
            1,
        )
        assert run["request"]["symbols"] == [symbol]
        assert run in (await client.get("/runs", params={"kind": "backfill"})).json()
        assert run not in (await client.get("/runs", params={"status": "failed"})).json()
    assert len(await archive.bars()) == 60


async def test_a_backfill_that_takes_its_time_is_a_run_that_goes_on_and_stops_with_the_producer(
    serve: Serve, symbol: str, venue: CandleVenue, exchange_url: str, archive: Archive
) -> None:
    venue.refusals = [refusal(429, {"message": "wait"}, Retry_After="60")]
    async with serve(coinbase_rest_url=exchange_url) as client:
        response = await client.post("/backfill", json=order(symbol), headers=KEY)
        assert response.status_code == 202
        assert response.json()["status"] == "running"
    assert [run[0] for run in archive.runs()] == ["cancelled"]


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"provider": "simulator"}, 404, "Those that do: coinbase, kraken, binance, history."),
        ({"provider": "history"}, 422, "history has no bars of 1m: choose one of 1d."),
        ({"start": None}, 422, "say from when on you want them"),
        ({"end": "2025-03-04T12:00Z"}, 422, "the start must lie before the end"),
        ({"start": "2999-01-01", "end": None}, 422, "in the past"),
        ({"start": "2001-01-01"}, 422, "at most 3,000,000 can be fetched at a time"),
        ({"interval": "2m"}, 422, "body.interval"),
        ({"start": "0001-01-01T00:00+14:00"}, 422, "too far away"),
        ({"symbols": ["a b"]}, 422, "body.symbols"),
    ],
)
async def test_an_order_that_cannot_be_carried_out_is_a_problem_with_the_way_out(
    serve: Serve, symbol: str, changes: dict[str, object], status: int, said: str
) -> None:
    async with serve() as client:
        response = await client.post("/backfill", json=order(symbol, **changes), headers=KEY)
        assert response.status_code == status, response.json()
        assert said in response.json()["detail"]


async def test_a_backfill_needs_the_api_key_and_a_run_that_is_none_is_a_problem(
    serve: Serve, symbol: str
) -> None:
    async with serve() as client:
        assert (await client.post("/backfill", json=order(symbol))).status_code == 401
        response = await client.get("/runs/999999999")
        assert (response.status_code, response.json()["title"]) == (404, "No such run")


async def test_without_the_database_nothing_is_ordered(
    serve: Serve, symbol: str, settings: ProducerSettings
) -> None:
    async with serve(postgres_port=1) as client:
        for response in (
            await client.post("/backfill", json=order(symbol), headers=KEY),
            await client.get("/runs"),
        ):
            assert response.status_code == 503
            assert response.json()["title"] == "The database is away"
