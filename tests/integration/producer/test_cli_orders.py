"""What is changed with the command `candlewick`: symbols, jobs of the schedule, API keys."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from tests.answers import Answer, AnswerServer
from tests.integration.producer.conftest import ServeShell
from tests.integration.producer.shell import Shell
from tests.integration.producer.waiting import WAIT_SECONDS
from tests.stack import RunningStack


@pytest.fixture
def forgotten(stack: RunningStack, symbol: str) -> Iterator[None]:
    """Leave nothing behind: other tests have the same providers."""
    yield
    connection = stack.psycopg("market_writer")
    with connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM assets WHERE symbol = %s", (symbol,))
    connection.close()


async def followed(candlewick: Shell, provider: str) -> list[str]:
    known = (await candlewick("symbols")).document
    return [one["symbol"] for one in known if one["provider"] == provider]


@pytest.mark.usefixtures("forgotten")
async def test_a_symbol_is_followed_and_then_no_more(serve_shell: ServeShell, symbol: str) -> None:
    candlewick = await serve_shell()
    outcome = await candlewick("symbols", "follow", symbol, "--provider", "coinbase")
    assert (outcome.code, outcome.document["symbol"]) == (0, symbol), outcome.notes
    assert symbol in await followed(candlewick, "coinbase")
    shown = await candlewick.on_a_terminal("symbols", "unfollow", symbol, "--provider", "coinbase")
    assert " ".join(shown.output.split()) == (
        f"{symbol} of coinbase is not followed any more; its candles stay."
    )
    assert symbol not in await followed(candlewick, "coinbase")


async def test_a_provider_is_searched_for_symbols(serve_shell: ServeShell) -> None:
    found = [{"symbol": "AAPL", "name": "Apple Inc.", "currency": "USD", "exchange": "NASDAQ"}]
    async with AnswerServer(lambda _: Answer(json.dumps(found))) as server:
        candlewick = await serve_shell(
            fmp_api_key=SecretStr(uuid.uuid4().hex), fmp_base_url=server.url, fmp_symbols=("AAPL",)
        )
        outcome = await candlewick("symbols", "search", "apple", "--provider", "fmp")
        assert [one["name"] for one in outcome.document] == ["Apple Inc."]
        shown = await candlewick.on_a_terminal("symbols", "search", "apple", "--provider", "fmp")
    assert [word for word in ("AAPL", "Apple Inc.", "NASDAQ", "USD") if word not in shown.output] == []


async def test_a_job_is_paused_resumed_and_run(serve_shell: ServeShell) -> None:
    candlewick = await serve_shell()

    async def job() -> dict[str, Any]:
        jobs = {one["name"]: one for one in (await candlewick("schedule")).document}
        found: dict[str, Any] = jobs["forget-old-runs"]
        return found

    async with asyncio.timeout(WAIT_SECONDS):
        while (await candlewick("schedule")).code != 0:
            pass  # the schedule begins when the database has said what was missed
    paused = (await candlewick("schedule", "pause", "forget-old-runs")).document
    assert (paused["paused"], paused["next_run_at"]) == (True, None)
    resumed = (await candlewick("schedule", "resume", "forget-old-runs")).document
    assert (resumed["paused"], resumed["next_run_at"] is not None) == (False, True)
    before = resumed["last_started_at"]
    assert (await candlewick("schedule", "run", "forget-old-runs")).code == 0

    async with asyncio.timeout(WAIT_SECONDS):
        while (last := await job())["running"] or last["last_started_at"] == before:
            pass  # asked again at once: each time it is a command of its own
    assert last["last_status"] == "succeeded"


async def test_a_key_works_from_when_it_is_made_until_it_is_revoked(serve_shell: ServeShell) -> None:
    candlewick = await serve_shell()
    made = (await candlewick("keys", "make", f"shell-{uuid.uuid4().hex[:8]}", "--scope", "admin")).document
    assert (await candlewick("keys", PRODUCER_API_KEY=made["key"])).code == 0
    rotated = (await candlewick("keys", "rotate", str(made["id"]))).document
    assert (await candlewick("keys", PRODUCER_API_KEY=made["key"])).code == 1
    assert (await candlewick("keys", PRODUCER_API_KEY=rotated["key"])).code == 0
    shown = await candlewick.on_a_terminal("keys", "revoke", str(made["id"]))
    assert (shown.code, made["name"] in shown.output) == (0, True)
    assert (await candlewick("keys", PRODUCER_API_KEY=rotated["key"])).code == 1
    listed = {one["id"]: one for one in (await candlewick("keys")).document}
    assert listed[made["id"]]["revoked_at"] is not None
    assert "key" not in listed[made["id"]]
