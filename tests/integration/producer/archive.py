"""The backfill's command line, and what it leaves in the broker and the database."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from ops.settings import REPOSITORY
from producer.bars import Bar, decode_bars
from producer.topology import BARS_QUEUE
from tests.integration.producer.broker import TOPOLOGY, Broker
from tests.integration.producer.waiting import WAIT_SECONDS
from tests.stack import RunningStack

START = datetime(2025, 3, 4, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


class Archive:
    """A backfill of one symbol of a test's own, in minutes from START on."""

    def __init__(self, stack: RunningStack, broker: Broker, symbol: str, url: str) -> None:
        self._stack = stack
        self._broker = broker
        self._symbol = symbol
        self._url = url

    async def start(self, *arguments: str, until: datetime = START + HOUR) -> asyncio.subprocess.Process:
        """Start a backfill of minutes from START on."""
        environment = {
            **self._stack.environment,
            "RABBITMQ_VHOST": self._broker.vhost,
            "EVENT_SHARDS": str(TOPOLOGY.shards),
            "COINBASE_REST_URL": self._url,
        }
        options = ("--provider", "coinbase", "--interval", "1m", "--from", f"{START:%Y-%m-%dT%H:%M}")
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "producer.backfill", self._symbol, *options),
            *("--to", f"{until:%Y-%m-%dT%H:%M}", *arguments),
            env=environment,
            cwd=REPOSITORY,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )

    async def run(self, *arguments: str, until: datetime = START + HOUR) -> tuple[int, str]:
        """Run one to its end; returns the exit code and what it printed."""
        process = await self.start(*arguments, until=until)
        async with asyncio.timeout(WAIT_SECONDS):
            output, _ = await process.communicate()
        assert process.returncode is not None
        return process.returncode, output.decode()

    async def bars(self) -> list[Bar]:
        """Take all bars out of the queue."""
        found: list[Bar] = []
        async with await self._broker.address.connect() as connection:
            channel = await connection.channel()
            await TOPOLOGY.declare(connection)
            queue = await channel.get_queue(BARS_QUEUE)
            while message := await queue.get(fail=False):
                assert message.delivery_mode == 2
                found += decode_bars(message.body)
                await message.ack()
        return found

    def runs(self) -> list[tuple[Any, ...]]:
        """Status, bars, calls and error of the symbol's runs, oldest first."""
        return self._rows(
            "SELECT status, event_count, call_count, error FROM ingest_runs"
            " WHERE request -> 'symbols' ? %s ORDER BY id"
        )

    def source(self) -> list[tuple[Any, ...]]:
        return self._rows("SELECT source FROM assets WHERE symbol = %s")

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        connection = self._stack.psycopg("market_reader")
        with connection, connection.cursor() as cursor:
            cursor.execute(query, (self._symbol,))
            rows = cursor.fetchall()
        connection.close()
        return rows
