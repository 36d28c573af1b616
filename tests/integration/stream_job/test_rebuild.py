"""Candles and indicators made anew from raw events, without the running job."""

import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.integration.stream_job.generated import MINUTE, trade_at, trades
from tests.integration.stream_job.market import Market
from tests.integration.stream_job.waiting import eventually
from tests.stack import RunningStack

Rebuild = Callable[[str, datetime, datetime], subprocess.CompletedProcess[str]]

ROWS = """
SELECT interval, bucket_start, source, open, high, low, close, volume, vwap, trade_count, is_final,
       is_partial, revision, origin
FROM candles WHERE symbol = %s ORDER BY interval, bucket_start
"""
VALUES = "SELECT interval, bucket_start, name, value FROM indicators WHERE symbol = %s ORDER BY 1, 2, 3"


@pytest.fixture
def rebuild(stack: RunningStack) -> Rebuild:
    """Runs the command as a user does."""

    def run(symbol: str, start: datetime, end: datetime) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "stream_job.rebuild", "--symbol", symbol]
        times = ["--from", f"{start:%Y-%m-%dT%H:%M}", "--to", f"{end:%Y-%m-%dT%H:%M}"]
        return subprocess.run(
            [*command, *times],
            env=stack.environment,
            text=True,
            capture_output=True,
            timeout=200,
            check=False,
        )

    return run


async def test_a_rebuild_restores_what_was_lost_and_counts_events_that_came_too_late(
    market: Market, stack: RunningStack, trading_time: datetime, symbol: str, rebuild: Rebuild
) -> None:
    events = trades(symbol, trading_time, minutes=45, per_minute=3)
    await market.publish(events)
    end = trading_time + 45 * MINUTE
    await market.pass_time(end + 60 * MINUTE)
    await market.candles_when_final(symbol, 45)
    too_late = trade_at(symbol, trading_time + 20 * MINUTE, 9_999, "777", "2")
    still_live = trade_at(symbol, end + 65 * MINUTE, 10_000, "250", "1")
    await market.publish([too_late, still_live])
    await market.pass_time(end + 70 * MINUTE)
    await market.candles_when_final(symbol, 46)
    await eventually(
        lambda: _rows(stack, VALUES, symbol), lambda rows: sum(row[0] == "1m" for row in rows) == 46 * 19
    )
    whole, values = _rows(stack, ROWS, symbol), _rows(stack, VALUES, symbol)
    with stack.psycopg("market_owner") as owner, owner.cursor() as cursor:
        cursor.execute("DELETE FROM indicators WHERE symbol = %s", (symbol,))
        lost = "DELETE FROM candles WHERE symbol = %s AND bucket_start < %s AND interval <> '1d'"
        cursor.execute(lost, (symbol, trading_time + 15 * MINUTE))
        # What other tests have written by hand tells of a watermark that the job does not have.
        cursor.execute("DELETE FROM candles WHERE bucket_start > %s", (end + timedelta(days=1),))
        wrong = "UPDATE candles SET close = high WHERE symbol = %s AND interval = '5m'"
        cursor.execute(wrong, (symbol,))

    result = rebuild(symbol, trading_time - timedelta(hours=1), end + timedelta(days=1))

    assert (result.returncode, result.stderr) == (0, "")
    assert f"{symbol}: 137 events read" in result.stdout
    rebuilt = {row[:2]: row for row in _rows(stack, ROWS, symbol)}
    late_minute = rebuilt["1m", trading_time + 20 * MINUTE]
    assert (late_minute[4], late_minute[9]) == (777, 4)
    buckets_of_late = {bucket for bucket, row in rebuilt.items() if row[4] == 777}
    assert {interval for interval, _ in buckets_of_late} == {"1m", "5m", "15m", "1h"}
    unlike = {row[:2] for row in whole if rebuilt[row[:2]] != row}
    live_five_minutes = {row[:2] for row in whole if row[0] == "5m" and row[1] > end}
    assert unlike - live_five_minutes == buckets_of_late
    assert rebuilt.keys() == {row[:2] for row in whole}
    before = [row for row in values if row[0] == "1m" and row[1] < trading_time + 20 * MINUTE]
    after = _rows(stack, VALUES, symbol)
    assert [row for row in after if row[0] == "1m"][: len(before)] == before
    assert len([row for row in after if row[0] == "1m"]) == 45 * 19


@pytest.mark.parametrize(
    ("symbol", "start", "end", "complaint"),
    [
        ("A", "2020-01-02T00:00", "2020-01-02T00:00", "there is nothing between"),
        (
            "NOBODY-KNOWS",
            "2019-01-01T00:00",
            "2019-01-02T00:00",
            "snapshots holds no event of 'NOBODY-KNOWS'",
        ),
        ("A", "2200-01-01T00:00", "2200-01-02T00:00", "The running job may still change"),
    ],
)
async def test_what_cannot_be_rebuilt_is_said_in_a_sentence(
    market: Market, rebuild: Rebuild, symbol: str, start: str, end: str, complaint: str
) -> None:
    result = rebuild(symbol, datetime.fromisoformat(start), datetime.fromisoformat(end))
    assert result.returncode == 1
    assert complaint in result.stderr
    assert "Traceback" not in result.stderr


def _rows(stack: RunningStack, query: str, symbol: str) -> list[tuple[Any, ...]]:
    with stack.psycopg("market_reader") as reader, reader.cursor() as cursor:
        cursor.execute(query, (symbol,))
        return cursor.fetchall()
