"""Real recorded markets: replayed at their own times, served to the live feed, and out of order.

The recordings are not ours to ship: `CANDLEWICK_RECORDINGS` names a folder that holds them.
"""

import asyncio
import gzip
import itertools
import os
import random
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from ops.settings import REPOSITORY
from producer.providers.replay.coinbase import received_frames
from producer.providers.replay.recording import Recording
from tests.integration.producer.venue import Venue
from tests.integration.stream_job.market import Market
from tests.integration.stream_job.reference import Candle, candles_in
from tests.integration.stream_job.waiting import eventually
from tests.stack import RunningStack, free_ports

SECONDS = {"1m": 60, "5m": 300, "15m": 900, "1h": 3_600, "1d": 86_400}
DAY = timedelta(days=1)
# The job corrects candles for ten minutes: what is this much out of order is late, and nothing of it lost.
HORIZON_MS = 5 * 60 * 1_000


@dataclass(frozen=True)
class Recorded:
    """A file, its format for the replay, and how DuckDB finds the trades in it."""

    file: str
    format: str
    trades: str
    count: int

    def find(self) -> Path:
        """The file; skips the test where it is not."""
        file = Path(os.environ.get("CANDLEWICK_RECORDINGS", "")) / self.file
        if not file.is_file():
            pytest.skip(f"CANDLEWICK_RECORDINGS names no folder with {self.file}")
        return file

    def candles(self, file: Path) -> dict[str, list[Candle]]:
        """What DuckDB makes of a file like this one, by interval."""
        candles = {
            interval: list(partial_at_both_ends(candles_in(file, self.trades, seconds)))
            for interval, seconds in SECONDS.items()
        }
        for ours in candles.values():
            assert sum(candle.trade_count for candle in ours) == self.count
        return candles


COINBASE = Recorded(
    "coinbase_2021-04-17.ws.gz",
    "coinbase",
    """
    SELECT frame->>'$.product_id' AS symbol, 'replay:coinbase' AS source,
           epoch_us((frame->>'$.time')::TIMESTAMPTZ) AS event_time,
           (frame->>'$.trade_id')::BIGINT AS sequence, frame->>'$.price' AS price, frame->>'$.size' AS size
    FROM (SELECT regexp_extract(line, '^[0-9.]+: (.*)$', 1) AS frame FROM lines)
    WHERE frame LIKE '%"type":"match"%'
    """,
    count=97,
)
BINANCE = Recorded(
    "binance_ethusdt_2024-08-09.gz",
    "binance",
    """
    SELECT 'ETH-USDT' AS symbol, 'replay:binance' AS source,
           (frame->>'$.data.T')::BIGINT * 1000 AS event_time,
           (frame->>'$.data.t')::BIGINT AS sequence, frame->>'$.data.p' AS price, frame->>'$.data.q' AS size
    FROM (SELECT regexp_extract(line, '^[0-9]+ (.*)$', 1) AS frame FROM lines)
    WHERE frame LIKE '%"stream":"ethusdt@trade"%'
    """,
    count=8_409,
)


# The first test, because it is the earliest in market time.
async def test_the_live_feed_makes_the_candles_of_a_session_digit_for_digit(
    market: Market, stack: RunningStack, tmp_path: Path
) -> None:
    """The day before, and under names of its own: else its candles would be those of the replay."""
    session = tmp_path / "session"
    recorded = gzip.decompress(COINBASE.find().read_bytes()).decode()
    session.write_text(
        recorded.replace("2021-04-17T", "2021-04-16T").replace('"product_id":"', '"product_id":"LIVE-')
    )
    expected = {
        interval: [replace(candle, source="coinbase") for candle in candles]
        for interval, candles in COINBASE.candles(session).items()
    }
    products = sorted({candle.symbol for candle in expected["1d"]})
    frames = [frame.decode() for _, _, frame in received_frames(Recording(session))]
    async with Venue([frames]) as venue, coinbase_feed(stack, venue.url, products):
        await eventually(
            lambda: sum(candle.trade_count for candle in market.candles(*products)),
            lambda count: count == COINBASE.count,
        )
    await expect(market, expected)


@pytest.mark.parametrize("recorded", [COINBASE, BINANCE], ids=lambda recorded: recorded.format)
async def test_the_candles_of_a_recording_equal_those_of_its_file_digit_for_digit(
    market: Market, stack: RunningStack, recorded: Recorded
) -> None:
    file = recorded.find()
    expected = recorded.candles(file)
    await replay(stack, file, recorded)
    await expect(market, expected)


async def test_a_recording_that_is_shuffled_within_five_minutes_makes_the_same_candles(
    market: Market, stack: RunningStack, tmp_path: Path
) -> None:
    """Two days later, and under a name of its own: else its candles would be those of the recording."""
    ordered = BINANCE.find()
    shuffled = tmp_path / "shuffled"
    chance = random.Random(1)
    trades = [
        line for line in gzip.decompress(ordered.read_bytes()).decode().splitlines() if "@trade" in line
    ]
    trades.sort(key=lambda line: venue_milliseconds(line) + chance.uniform(0, HORIZON_MS))
    times = [venue_milliseconds(line) for line in trades]
    late = sum(
        newest - time > 120_000 for time, newest in zip(times, itertools.accumulate(times, max), strict=True)
    )
    assert late > 1_000
    shuffled.write_text("\n".join(two_days_later(line) for line in trades))
    expected = {
        interval: [
            replace(candle, symbol="SHUFFLEDETH-USDT", bucket_start=candle.bucket_start + 2 * DAY)
            for candle in candles
        ]
        for interval, candles in BINANCE.candles(ordered).items()
    }
    await replay(stack, shuffled, BINANCE)
    await expect(market, expected)


def venue_milliseconds(line: str) -> int:
    match = re.search(r'"T":(\d+)', line)
    assert match is not None
    return int(match[1])


def two_days_later(line: str) -> str:
    later = venue_milliseconds(line) + 2 * DAY // timedelta(milliseconds=1)
    return re.sub(r'"T":\d+', f'"T":{later}', line).replace('"ETHUSDT"', '"SHUFFLEDETHUSDT"')


async def expect(market: Market, expected: dict[str, list[Candle]]) -> None:
    """Let the day end, and wait for these final candles of every interval."""
    await market.pass_time(max(day.bucket_start for day in expected["1d"]) + DAY)
    for interval, candles in expected.items():
        await market.expect_candles(candles, interval)


async def replay(stack: RunningStack, file: Path, recorded: Recorded) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "producer.replay", str(file), "--format", recorded.format, "--speed", "max"),
        cwd=REPOSITORY,
        env=stack.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()


@asynccontextmanager
async def coinbase_feed(stack: RunningStack, url: str, products: Iterable[str]) -> AsyncIterator[None]:
    """A producer beside the stack's own, with the one feed; at the end it is told to stop, and has."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "producer"),
        cwd=REPOSITORY,
        env={
            **stack.environment,
            "FEEDS": "coinbase",
            "COINBASE_WS_URL": url,
            "COINBASE_PRODUCTS": ",".join(products),
            "PRODUCER_PORT": str(free_ports(1)[0]),
        },
        stdin=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()


def partial_at_both_ends(candles: Iterable[Candle]) -> Iterable[Candle]:
    """A recording begins and ends somewhere inside a candle: each symbol's first and last are partial."""
    by_symbol: dict[str, list[Candle]] = {}
    for candle in candles:
        by_symbol.setdefault(candle.symbol, []).append(candle)
    for ours in by_symbol.values():
        for number, candle in enumerate(ours):
            yield replace(candle, is_partial=number in {0, len(ours) - 1})
