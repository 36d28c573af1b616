from __future__ import annotations

import asyncio
import json
import os
import pty
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner, Result

from producer.dead_letters.commands import app
from producer.events import to_micros
from producer.topology import DEAD_LETTERS_QUEUE
from tests.integration.dead_letters.market import WAIT_SECONDS, Market, body_of, headers_of


async def run(market: Market, *arguments: str, **environment: str) -> Result:
    # In a thread, because the command runs an event loop of its own.
    return await asyncio.to_thread(
        CliRunner().invoke, app, arguments, env={**market.environment, **environment}
    )


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def rejected_ago(**age: float) -> int:
    return to_micros(datetime.now(UTC) - timedelta(**age))


async def test_list_prints_a_json_line_a_letter_where_there_is_no_terminal(market: Market) -> None:
    await market.reject_events(3)
    result = await run(market, "list", "--limit", "2", "--queue", "0", "--reason", "negative")
    assert result.exit_code == 0
    assert [(line["number"], line["source_offset"], line["symbol"]) for line in lines(result)] == [
        (1, 0, "BTC-USD"),
        (2, 1, "BTC-USD"),
    ]


async def test_show_prints_headers_and_body(market: Market) -> None:
    await market.reject_events(2)
    (shown,) = lines(await run(market, "show", "2"))
    assert shown["headers"]["x-source-offset"] == 1
    assert shown["body"] == body_of(1).decode()


async def test_requeue_says_how_many_went_back(market: Market) -> None:
    await market.reject_events(3)
    result = await run(market, "requeue", "1", "3")
    assert (result.exit_code, lines(result)) == (0, [{"requeued": 2}])
    assert await market.letters_left() == 1


async def test_requeue_fails_for_a_letter_that_has_no_stream(market: Market) -> None:
    await market.reject(b"", headers_of(1, x_source_queue="elsewhere"))
    result = await run(market, "requeue", "--all")
    assert result.exit_code == 2
    assert result.stderr.startswith("1 of the matching dead letters stay")


async def test_purge_removes_only_what_is_older_than_the_age(market: Market) -> None:
    await market.reject(b"", headers_of(1, x_rejected_at=rejected_ago(days=8)))
    await market.reject(b"", headers_of(2, x_rejected_at=rejected_ago(days=6)))
    await market.reject(b"", headers_of(3, x_rejected_at=None))
    result = await run(market, "purge", "--older-than", "7d", "--yes")
    assert (result.exit_code, lines(result)) == (0, [{"purged": 1}])
    assert [line["source_offset"] for line in lines(await run(market, "list"))] == [2, 3]


async def test_purge_removes_only_what_was_rejected_for_the_reason(market: Market) -> None:
    await market.reject_events(3)
    assert lines(await run(market, "purge", "--reason", "event 1 ", "--yes")) == [{"purged": 1}]
    assert [line["source_offset"] for line in lines(await run(market, "list"))] == [0, 2]


async def test_purge_all_leaves_none(market: Market) -> None:
    await market.reject_events(5)
    assert lines(await run(market, "purge", "--all", "--yes")) == [{"purged": 5}]
    assert await market.letters_left() == 0


@pytest.mark.parametrize(("answer", "left"), [("y", 0), ("n", 5)])
async def test_purge_on_a_terminal_asks_first(market: Market, answer: str, left: int) -> None:
    await market.reject_events(5)
    terminal, keyboard = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "producer.dead_letters", "purge", "--all"),
        env={**os.environ, **market.environment},
        stdin=keyboard,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    os.write(terminal, f"{answer}\n".encode())
    async with asyncio.timeout(WAIT_SECONDS):
        _, said = await process.communicate()
    os.close(terminal)
    os.close(keyboard)
    assert b"Remove 5 dead letters for good?" in said
    assert await market.letters_left() == left


@pytest.mark.parametrize(
    "arguments",
    [
        ("list", "--reason", "nothing like it"),
        ("show", "7"),
        ("show", "dl-nothing"),
        ("requeue", "7"),
        ("purge", "--reason", "nothing like it", "--yes"),
    ],
)
async def test_where_nothing_matches_the_exit_code_is_1(market: Market, arguments: tuple[str, ...]) -> None:
    await market.reject_events(1)
    result = await run(market, *arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert await market.letters_left() == 1


async def test_a_wrong_password_is_named(market: Market) -> None:
    result = await run(market, "list", RABBITMQ_PRODUCER_PASSWORD="wrong")
    assert result.exit_code == 2
    assert "check RABBITMQ_PRODUCER_PASSWORD" in result.stderr


async def test_a_missing_virtual_host_is_named(market: Market) -> None:
    result = await run(market, "list", RABBITMQ_VHOST="nowhere")
    assert result.exit_code == 2
    assert "RABBITMQ_VHOST" in result.stderr


async def test_missing_rights_are_named(market: Market, vhost: tuple[str, httpx.AsyncClient]) -> None:
    name, admin = vhost
    none = {"configure": "^$", "write": "^$", "read": "^$"}
    (await admin.put(f"/permissions/{name}/producer", json=none)).raise_for_status()
    result = await run(market, "list")
    assert result.exit_code == 2
    assert "the user 'producer'" in result.stderr


async def test_a_missing_queue_is_named(market: Market) -> None:
    await market.channel.queue_delete(DEAD_LETTERS_QUEUE)
    result = await run(market, "list")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"The queue '{DEAD_LETTERS_QUEUE}' does not exist")
