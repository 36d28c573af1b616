"""Processes that die, and jobs that end, in the middle of a stream: nothing is lost, nothing counts twice."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from ops.settings import REPOSITORY
from producer.events import MarketEvent
from tests.integration.stream_job.cluster import Cluster
from tests.integration.stream_job.generated import MINUTE, disordered, trades
from tests.integration.stream_job.market import Market, snapshots_of
from tests.integration.stream_job.reference import candles_of
from tests.integration.stream_job.waiting import eventually, until_equal
from tests.stack import RunningStack

# The cluster starts anew, on a machine that may have much else to do.
pytestmark = pytest.mark.timeout(600)

MINUTES = 9
BATCH = 90


class Tape:
    """Trades of several symbols that are published in three parts, the faults between them."""

    def __init__(self, market: Market, start: datetime, symbols: list[str]) -> None:
        self._market = market
        self._start = start
        self.symbols = symbols
        self.events = [
            event
            for seed, symbol in enumerate(symbols)
            for event in trades(symbol, start, minutes=MINUTES, per_minute=100, seed=seed)
        ]

    async def play(self, part: int) -> None:
        """Publish the first, second or third part, in many small messages."""
        events = self._part(part)
        for start in range(0, len(events), BATCH):
            await self._market.publish(events[start : start + BATCH])

    async def is_read(self, part: int) -> None:
        """Wait until the job has written something of the part."""
        ids = {event.event_id for event in self._part(part)}
        await eventually(
            lambda: {row[0] for row in self._market.snapshots(*self.symbols)}, lambda seen: bool(seen & ids)
        )

    async def counts_once(self, folder: Path) -> None:
        """Close all candles; they and the snapshots must be exactly what was published."""
        await self._market.pass_time(self._start + MINUTES * MINUTE)
        await self._market.expect_candles(candles_of(self.events, folder, partial={self._start}))
        await until_equal(lambda: self._market.snapshots(*self.symbols), snapshots_of(self.events))

    def _part(self, part: int) -> list[MarketEvent]:
        size = len(self.events) // 3
        return disordered(self.events)[(part - 1) * size : part * size]


@pytest.fixture
def tape(market: Market, trading_time: datetime, new_symbol: Callable[[], str]) -> Tape:
    return Tape(market, trading_time, [new_symbol() for _ in range(5)])


async def test_a_kill_in_the_middle_of_a_stream_changes_nothing(
    tape: Tape, cluster: Cluster, tmp_path: Path
) -> None:
    await tape.play(1)
    await tape.is_read(1)
    playing = asyncio.create_task(tape.play(2))
    await tape.is_read(2)
    cluster.kill("TaskManagerRunner")
    await playing
    await tape.play(3)
    await tape.counts_once(tmp_path)


@pytest.mark.parametrize("how", ["it is cancelled", "the whole cluster is killed"])
async def test_a_job_that_is_gone_goes_on_from_its_newest_checkpoint(
    tape: Tape, cluster: Cluster, how: str, tmp_path: Path
) -> None:
    job = await cluster.next_job()
    await tape.play(1)
    await tape.is_read(1)
    number = await cluster.checkpoint(job)
    await tape.play(2)
    if how == "it is cancelled":
        cluster.cancel(job)
    else:
        cluster.kill("TaskManagerRunner")
        cluster.kill("StandaloneSessionClusterEntrypoint")
    await tape.play(3)
    successor = await cluster.next_job(job)
    await tape.counts_once(tmp_path)
    restored = cluster.restored_from(successor)
    assert restored.parent.name == job
    assert int(restored.name.removeprefix("chk-")) >= number


async def test_a_stopped_job_goes_on_from_its_savepoint(
    tape: Tape, cluster: Cluster, stack: RunningStack, tmp_path: Path
) -> None:
    job = await cluster.next_job()
    await tape.play(1)
    await tape.is_read(1)
    playing = asyncio.create_task(tape.play(2))
    stop = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "stream_job", "stop"),
        cwd=REPOSITORY,
        env=stack.environment,
        stdout=subprocess.PIPE,
    )
    printed, _ = await stop.communicate()
    savepoint = Path(printed.decode().strip().removeprefix("file:"))
    assert (savepoint / "_metadata").is_file()
    await playing
    await tape.play(3)
    successor = await cluster.next_job(job)
    assert cluster.restored_from(successor) == savepoint
    await tape.counts_once(tmp_path)
