"""The command `candlewick`, as it is installed, against the running stack."""

from __future__ import annotations

import asyncio
import gzip
from pathlib import Path
from typing import Any

import httpx
import pytest

from producer.events import encode_events
from tests.integration.producer.broker import TOPOLOGY, Broker
from tests.integration.producer.candle_venue import CandleVenue
from tests.integration.producer.conftest import ServeShell
from tests.integration.producer.json_server import JsonServer
from tests.integration.producer.market import made
from tests.integration.producer.shell import Outcome, Shell
from tests.integration.producer.waiting import WAIT_SECONDS
from tests.stack import RunningStack, free_ports


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        ("symbols", "/symbols"),
        ("providers", "/providers"),
        ("feeds", "/feeds"),
        ("runs 1", "/runs/1"),
        (
            "runs --kind backfill --status succeeded --limit 1",
            "/runs?kind=backfill&status=succeeded&limit=1",
        ),
        ("schedule", "/schedule"),
        ("gaps --closed --symbol NO-NE", "/gaps?open=false&symbol=NO-NE"),
    ],
)
async def test_a_program_reads_what_the_api_answers(
    candlewick: Shell, stack: RunningStack, arguments: str, path: str
) -> None:
    outcome, answered = await between_equal_answers(candlewick, stack, arguments, path)
    assert (outcome.code, outcome.notes) == (0, "")
    assert outcome.document == answered


async def between_equal_answers(
    candlewick: Shell, stack: RunningStack, arguments: str, path: str
) -> tuple[Outcome, Any]:
    """Run a command while what it asks for stands still: the schedule's jobs begin and end by themselves."""
    async with (
        asyncio.timeout(WAIT_SECONDS),
        httpx.AsyncClient(base_url=stack.producer_url, timeout=WAIT_SECONDS) as api,
    ):
        before = (await api.get(path)).json()
        while True:
            outcome = await candlewick(*arguments.split())
            after = (await api.get(path)).json()
            if after == before:
                return outcome, after
            before = after


async def test_a_program_reads_how_the_producer_is(candlewick: Shell) -> None:
    outcome = await candlewick("status")
    assert (outcome.code, outcome.document["status"], outcome.notes) == (0, "ok", "")
    assert set(outcome.document["dependencies"]) == {"broker", "database"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("status",), ("RabbitMQ", "connected", "PostgreSQL answers.", "simulator", "stopped")),
        (("symbols",), ("Symbol", "BTC-USD.SIM", "simulator", "no")),
        (("providers",), ("Provider", "coinbase", "stream, bars", "closed")),
        (("feeds",), ("Chosen at start:", "simulator", "stopped")),
        (("runs", "--kind", "backfill"), ("Started", "backfill", "history", "succeeded")),
        (("runs", "1"), ("Run", "Kind", "Asked for interval", "1d")),
        (("gaps",), ("Symbol", "Reason", "From (UTC)", "Missing")),
        (("schedule",), ("Next (UTC)", "fill-gaps", "forget-old-runs")),
        (("keys",), ("Name", "Scope", "Made (UTC)", "Revoked")),
    ],
    ids=lambda value: " ".join(value[:2]),
)
async def test_a_person_sees_a_table(
    candlewick: Shell, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    outcome = await candlewick.on_a_terminal(*arguments)
    assert outcome.code == 0
    assert [word for word in words if word not in outcome.output] == [], outcome.output


async def test_a_person_may_ask_for_json(candlewick: Shell) -> None:
    assert (await candlewick.on_a_terminal("feeds", "--json")).document["feeds"]["simulator"][
        "running"
    ] is False


async def test_a_feed_is_started_and_stopped_and_it_is_said_when_that_was_so_already(
    serve_shell: ServeShell,
) -> None:
    candlewick = await serve_shell(simulator_history_minutes=0)
    for verb, changed in (("start", True), ("start", False), ("stop", True), ("stop", False)):
        outcome = await candlewick("stream", verb, "simulator")
        assert (outcome.code, outcome.document["changed"]) == (0, changed), outcome.notes
    shown = await candlewick.on_a_terminal("stream", "stop", "simulator")
    assert shown.output.strip() == "simulator was already stopped."


async def test_quotes_are_fetched_digit_for_digit(serve_shell: ServeShell, exchange: JsonServer) -> None:
    candlewick = await serve_shell(coinbase_rest_url=exchange.url)
    outcome = await candlewick("fetch", "ABC-USD", "--provider", "coinbase")
    assert outcome.code == 0, outcome.notes
    assert outcome.document["confirmed_events"] == 1
    assert outcome.document["quotes"][0]["price"] == "101.2500"
    shown = await candlewick.on_a_terminal("fetch", "ABC-USD")
    assert [
        word for word in ("ABC-USD", "101.2500", "101.2400", "101.2600") if word not in shown.output
    ] == []
    assert "1 quote of coinbase, confirmed by the broker." in shown.output


async def test_a_symbol_that_the_venue_does_not_know_is_told_in_its_words(
    serve_shell: ServeShell, exchange: JsonServer
) -> None:
    candlewick = await serve_shell(coinbase_rest_url=exchange.url)
    outcome = await candlewick("fetch", "NO-NE")
    assert (outcome.code, outcome.output) == (1, "")
    assert "404 for 'NO-NE': NotFound" in outcome.notes
    assert len(outcome.notes.splitlines()) == 1


async def test_a_producer_that_is_not_well_is_shown_and_ends_with_1(serve_shell: ServeShell) -> None:
    candlewick = await serve_shell(rabbitmq_port=free_ports(1)[0])
    outcome = await candlewick("status")
    assert (outcome.code, outcome.document["status"], outcome.notes) == (1, "degraded", "")


async def test_missing_bars_are_fetched_and_the_run_is_printed(serve_shell: ServeShell, symbol: str) -> None:
    async with JsonServer(CandleVenue().answer) as venue:
        candlewick = await serve_shell(coinbase_rest_url=venue.url)
        options = (
            "--provider",
            "coinbase",
            "--interval",
            "1m",
            "--from",
            "2025-03-04",
            "--to",
            "2025-03-04T01:00",
        )
        outcome = await candlewick("backfill", symbol, *options)
        assert outcome.code == 0, outcome.notes
        run = outcome.document
        assert (run["status"], run["event_count"], run["request"]["symbols"]) == ("succeeded", 60, [symbol])
        assert (await candlewick("runs", str(run["id"]))).document == run
        shown = await candlewick.on_a_terminal("backfill", symbol, *options)
        assert "0 bars of 1m were missing" in shown.output
        failed = await candlewick("backfill", "NO-NE", *options)
        assert (failed.code, failed.document["status"]) == (1, "failed")
        assert "404 for 'NO-NE'" in failed.notes


async def test_a_recording_is_replayed_and_counted(
    serve_shell: ServeShell, tmp_path: Path, symbol: str
) -> None:
    events = made(symbol, range(100))
    lines = b"\n".join(encode_events([event])[1:-1] for event in events)
    (tmp_path / "events.jsonl.gz").write_bytes(gzip.compress(lines))
    candlewick = await serve_shell()
    options = ("--format", "events", "--speed", "max")
    outcome = await candlewick("replay", "events.jsonl.gz", *options)
    assert outcome.code == 0, outcome.notes
    assert outcome.document["symbols"] == {symbol: {"read": 100, "published": 102, "confirmed": 102}}
    assert outcome.document["unconfirmed"] == 0
    shown = await candlewick.on_a_terminal("replay", "events.jsonl.gz", *options)
    assert f"{symbol}: 100 read, 102 published, 102 confirmed" in shown.output
    missing = await candlewick("replay", "nowhere.gz", *options)
    assert (missing.code, missing.output, "nowhere.gz" in missing.notes) == (1, "", True)


async def test_dead_letters_are_looked_for(serve_shell: ServeShell, broker: Broker) -> None:
    async with await broker.address.connect() as connection:
        await TOPOLOGY.declare(connection)
    candlewick = await serve_shell()
    outcome = await candlewick("dead-letters", "list")
    assert (outcome.code, outcome.output, outcome.notes) == (1, "", "There are no dead letters.\n")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("stream", "start", "nowhere"), "nowhere"),
        (("stream", "stop", "no/where"), "/feeds/no"),
        (("fetch", "a b"), "body.symbols"),
        (("fetch", "X.SIM", "--provider", "simulator"), "Those that do: coinbase."),
        (("runs", "999999999"), "There is no run 999999999"),
        (("runs", "99999999999999999999"), "path.run_id"),
        (("gaps", "--symbol", "a b"), "query.symbol"),
        (("schedule", "run", "laundry"), "'laundry'"),
        (("symbols", "follow", "a b", "--provider", "coinbase"), "body.symbol"),
        (("symbols", "unfollow", "NO-NE", "--provider", "coinbase"), "NO-NE"),
        (("symbols", "search", "NO-NE", "--provider", "nobody"), "No provider 'nobody' can be searched"),
        (("keys", "revoke", "999999999"), "999999999"),
        (("keys", "make", "A KEY", "--scope", "read"), "body.name"),
        (("backfill", "X", "--provider", "nobody"), "No provider 'nobody' answers bars."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
async def test_what_the_producer_refuses_is_a_sentence_and_ends_with_1(
    candlewick: Shell, arguments: tuple[str, ...], sentence: str
) -> None:
    outcome = await candlewick(*arguments)
    assert (outcome.code, outcome.output) == (1, "")
    assert sentence in outcome.notes
    assert len(outcome.notes.splitlines()) == 1


@pytest.mark.parametrize("arguments", [("stream", "stop", "simulator"), ("fetch", "BTC-USD"), ("keys",)])
@pytest.mark.parametrize("key", ["a-wrong-key", "кривой ключ"])
async def test_a_wrong_key_is_refused_and_not_repeated(
    candlewick: Shell, arguments: tuple[str, ...], key: str
) -> None:
    outcome = await candlewick(*arguments, PRODUCER_API_KEY=key)
    assert (outcome.code, outcome.output) == (1, "")
    assert "X-API-Key" in outcome.notes
    assert key not in outcome.notes


@pytest.mark.parametrize(
    "arguments",
    [
        *(
            ("status",),
            ("symbols",),
            ("providers",),
            ("feeds",),
            ("runs",),
            ("gaps",),
            ("schedule",),
            ("keys",),
        ),
        *(("fetch", "BTC-USD"), ("stream", "start", "simulator")),
    ],
    ids=lambda value: value[0],
)
async def test_a_producer_that_is_away_is_told_with_the_way_to_start_it(
    candlewick: Shell, arguments: tuple[str, ...]
) -> None:
    (port,) = free_ports(1)
    outcome = await candlewick(*arguments, PRODUCER_PORT=str(port))
    assert (outcome.code, outcome.output, outcome.notes) == (
        1,
        "",
        f"The producer does not answer at http://127.0.0.1:{port}: make up\n",
    )


@pytest.mark.parametrize(
    ("setting", "command"),
    [
        ("PRODUCER_PORT", ("status",)),
        ("POSTGRES_PORT", ("backfill",)),
        ("RABBITMQ_PORT", ("dead-letters", "list")),
    ],
)
async def test_a_setting_that_is_wrong_is_named_without_its_value(
    candlewick: Shell, setting: str, command: tuple[str, ...]
) -> None:
    outcome = await candlewick(*command, **{setting: "seven"})
    assert outcome.code in {1, 2}
    assert outcome.notes.startswith(f"{setting}: ")
    assert "seven" not in outcome.notes


async def test_wrong_usage_ends_with_2(candlewick: Shell) -> None:
    outcome = await candlewick("stream", "restart")
    assert (outcome.code, outcome.output) == (2, "")
