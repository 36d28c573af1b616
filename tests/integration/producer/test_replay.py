"""`python -m producer.replay`, from the file to what the broker confirmed."""

from __future__ import annotations

import asyncio
import gzip
import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from producer.broker import BrokerAddress
from producer.events import clock_micros, encode_events, heartbeat, to_micros
from producer.publisher import Publisher
from producer.topology import Topology
from producer.watermark import job_watermark
from tests.integration.producer.broker import TOPOLOGY, Broker
from tests.integration.producer.conftest import settings_of
from tests.integration.producer.market import START, made
from tests.integration.producer.waiting import WAIT_SECONDS, until
from tests.stack import RunningStack

ROOT = Path(__file__).parents[3]


@dataclass
class Outcome:
    code: int
    output: str
    notes: str


class Replay:
    """Runs the command, in a virtual host of the test's own unless told otherwise."""

    def __init__(self, stack: RunningStack, broker: Broker) -> None:
        self._environment = {
            **stack.environment,
            "RABBITMQ_VHOST": broker.vhost,
            "EVENT_SHARDS": str(TOPOLOGY.shards),
            "EVENTS_RETENTION_AGE": TOPOLOGY.retention_age,
            "EVENTS_RETENTION_BYTES": str(TOPOLOGY.retention_bytes),
            # No job reads this virtual host, so that its watermark is none of ours.
            "FLINK_REST_PORT": "1",
        }

    async def __call__(self, file: Path, *options: str, **environment: str) -> Outcome:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "producer.replay", str(file), *options),
            cwd=ROOT,
            env=self._environment | environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, notes = await process.communicate()
        assert process.returncode is not None
        return Outcome(process.returncode, output.decode(), notes.decode())


@pytest.fixture
def replay(stack: RunningStack, broker: Broker) -> Replay:
    return Replay(stack, broker)


@pytest.fixture
def recording(tmp_path: Path, symbol: str) -> Path:
    path = tmp_path / "events.jsonl.gz"
    events = made(symbol, range(30_000))
    path.write_bytes(gzip.compress(b"\n".join(encode_events([event])[1:-1] for event in events)))
    return path


async def test_every_recorded_event_is_confirmed_and_counted_in_the_summary(
    replay: Replay, broker: Broker, recording: Path, symbol: str
) -> None:
    outcome = await replay(recording, "--format", "events", "--speed", "max")
    assert outcome.code == 0, outcome.notes
    assert f"{symbol}: 30000 read, 30002 published, 30002 confirmed" in outcome.output
    assert "2023-11-14 22:13:20+00:00 to 2023-11-14 22:13:49.999000+00:00" in outcome.output
    async with broker.following() as arrivals:
        await until(lambda: len(arrivals.of_symbol(symbol)) == 30_002, "all events have arrived")
        begin, *trades, end = arrivals.of_symbol(symbol)
        assert [event.sequence for event in trades] == list(range(30_000))
        assert [begin.kind, end.kind, end.event_time] == ["break", "break", trades[-1].event_time]
        await until(
            lambda: {queue for queue, _ in arrivals.messages} == set(TOPOLOGY.event_queues),
            "each shard has heartbeats",
        )


async def test_a_replay_at_many_times_the_recorded_speed_keeps_its_times(
    replay: Replay, broker: Broker, tmp_path: Path, symbol: str
) -> None:
    path = tmp_path / "events.json"
    path.write_bytes(encode_events(made(symbol, range(0, 40_000, 1_000))))
    outcome = await replay(path, "--format", "events", "--speed", "50")
    assert outcome.code == 0, outcome.notes
    async with broker.following() as arrivals:
        await until(lambda: len(arrivals.of_symbol(symbol)) == 42, "all events have arrived")
        trades = [event for event in arrivals.of_symbol(symbol) if event.kind == "trade"]
        assert [event.event_time for event in trades] == [START + number * 1_000_000 for number in range(40)]


async def test_a_shifted_replay_happens_now_under_a_symbol_that_says_so(
    replay: Replay, broker: Broker, recording: Path, symbol: str
) -> None:
    outcome = await replay(recording, "--format", "events", "--speed", "max", "--shift-to-now")
    assert outcome.code == 0, outcome.notes
    async with broker.following() as arrivals:
        await until(lambda: len(arrivals.of_symbol(f"{symbol}.REPLAY")) == 30_002, "all have arrived")
        assert arrivals.of_symbol(symbol) == []
        trades = arrivals.of_kind("trade")
        assert trades[-1].event_time - trades[0].event_time == 29_999_000
        assert clock_micros() - 120_000_000 < trades[-1].event_time < clock_micros()


async def test_the_symbols_of_a_replay_are_registered_as_replayed(
    stack: RunningStack, replay: Replay, recording: Path, symbol: str
) -> None:
    outcome = await replay(recording, "--format", "events", "--speed", "max")
    assert outcome.code == 0, outcome.notes
    connection = stack.psycopg("market_reader")
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.kind, a.source FROM assets a JOIN data_sources s ON s.name = a.source"
            " WHERE a.symbol = %s",
            (symbol,),
        )
        assert cursor.fetchall() == [("replay", "replay:venue")]
    connection.close()


async def test_a_line_that_cannot_be_understood_fails_behind_what_was_confirmed(
    replay: Replay, tmp_path: Path, symbol: str
) -> None:
    path = tmp_path / "trades"
    lines = [
        f"{START * 1_000 + number} "
        + json.dumps(
            {
                "stream": "abcusdt@trade",
                "data": {"s": "ABCUSDT", "t": number, "p": "1.5", "q": "2", "T": START // 1_000 + number},
            },
            separators=(",", ":"),
        )
        for number in range(10)
    ]
    path.write_text("\n".join([*lines, "what?"]))
    outcome = await replay(path, "--format", "binance", "--speed", "max")
    assert outcome.code == 1
    assert "ABC-USDT: 10 read" in outcome.output
    assert "Line 11 of" in outcome.notes


async def test_a_broker_that_is_away_fails_with_its_address_and_nothing_published(
    replay: Replay, recording: Path, stack: RunningStack
) -> None:
    outcome = await replay(recording, "--format", "events", "--speed", "max", RABBITMQ_PORT="1")
    assert outcome.code == 1
    assert "amqp://producer@127.0.0.1:1/" in outcome.notes.replace("\n", "")
    assert stack.env["RABBITMQ_PRODUCER_PASSWORD"] not in outcome.notes + outcome.output


async def test_a_recording_behind_the_watermark_of_the_job_is_refused_and_not_published(
    stack: RunningStack, replay: Replay, trading_time: datetime, tmp_path: Path, symbol: str
) -> None:
    settings = settings_of(stack)
    publisher = Publisher(BrokerAddress.from_settings(settings), Topology.from_settings(settings))
    publisher.start()
    now = to_micros(trading_time)
    await publisher.publish([heartbeat("test", now, now)])
    await publisher.flush(WAIT_SECONDS)
    await publisher.close(WAIT_SECONDS)
    watermark = await job_watermark(stack.flink_url)
    async with asyncio.timeout(WAIT_SECONDS):
        while watermark.time is None or watermark.time < now - 60_000_000:
            await asyncio.sleep(0.1)
            watermark = await job_watermark(stack.flink_url)
    first = to_micros(trading_time - timedelta(hours=1))
    path = tmp_path / "late"
    path.write_bytes(encode_events([replace(event, event_time=first) for event in made(symbol, range(10))]))
    outcome = await replay(
        path,
        *("--format", "events", "--speed", "max"),
        RABBITMQ_VHOST=stack.env["RABBITMQ_VHOST"],
        EVENT_SHARDS=stack.env["EVENT_SHARDS"],
        EVENTS_RETENTION_AGE=stack.env["EVENTS_RETENTION_AGE"],
        EVENTS_RETENTION_BYTES=stack.env["EVENTS_RETENTION_BYTES"],
        FLINK_REST_PORT=stack.env["FLINK_REST_PORT"],
    )
    assert outcome.code == 2
    told = " ".join(outcome.notes.split())
    begin = (trading_time - timedelta(hours=1)).astimezone(UTC)
    for part in (f"begins at {begin:%Y-%m-%d %H:%M:%S}", "watermark", "FEEDS=none make up", "--shift-to-now"):
        assert part in told
    assert outcome.output == ""
