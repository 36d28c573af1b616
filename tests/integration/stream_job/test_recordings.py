"""Real recorded markets, replayed at their own times.

The recordings are not ours to ship: `CANDLEWICK_RECORDINGS` names a folder that holds them.
"""

import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ops.settings import REPOSITORY
from tests.integration.stream_job.generated import MINUTE
from tests.integration.stream_job.market import Market
from tests.integration.stream_job.reference import Candle, candles_in
from tests.stack import RunningStack


@dataclass(frozen=True)
class Recorded:
    """A file, its format for the replay, and how DuckDB finds the trades in it."""

    file: str
    format: str
    trades: str
    count: int


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


@pytest.mark.parametrize("recorded", [COINBASE, BINANCE], ids=lambda recorded: recorded.format)
async def test_the_candles_of_a_recording_equal_those_of_its_file_digit_for_digit(
    market: Market, stack: RunningStack, recorded: Recorded
) -> None:
    file = Path(os.environ.get("CANDLEWICK_RECORDINGS", "")) / recorded.file
    if not file.is_file():
        pytest.skip(f"CANDLEWICK_RECORDINGS names no folder with {recorded.file}")
    expected = list(partial_at_both_ends(candles_in(file, recorded.trades)))
    assert sum(candle.trade_count for candle in expected) == recorded.count
    replay = subprocess.run(
        [sys.executable, "-m", "producer.replay", str(file), "--format", recorded.format, "--speed", "max"],
        cwd=REPOSITORY,
        env=stack.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert replay.returncode == 0, replay.stdout
    await market.pass_time(max(candle.bucket_start for candle in expected) + MINUTE)
    await market.expect_candles(expected)


def partial_at_both_ends(candles: Iterable[Candle]) -> Iterable[Candle]:
    """A recording begins and ends somewhere inside a minute: each symbol's first and last are partial."""
    by_symbol: dict[str, list[Candle]] = {}
    for candle in candles:
        by_symbol.setdefault(candle.symbol, []).append(candle)
    for ours in by_symbol.values():
        for number, candle in enumerate(ours):
            yield replace(candle, is_partial=number in {0, len(ours) - 1})
