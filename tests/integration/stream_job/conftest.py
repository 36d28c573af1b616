import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from pathlib import PurePath

import aio_pika
import pytest

from tests.integration.stream_job.cluster import Cluster
from tests.integration.stream_job.market import Market
from tests.integration.stream_job.tape import Tape
from tests.stack import RunningStack

TESTS_OF_NOW = ("browser", "chaos")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the recordings late: behind their times the job's one watermark has passed all other tests'.

    Only what happens now comes later: the browser's tests, because Playwright's loop would be in the way of
    others, then the campaign, because behind its times the simulator's past would be late.
    """
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    kind = PurePath(item.nodeid).parts[1]
    if kind in TESTS_OF_NOW:
        return 2 + TESTS_OF_NOW.index(kind)
    return 1 if item.path.name == "test_recordings.py" else 0


@pytest.fixture
async def market(stack: RunningStack) -> AsyncIterator[Market]:
    """The market of the stack that all tests share, with the one job that reads it."""
    database = stack.psycopg("market_reader")
    async with await aio_pika.connect(stack.amqp_url("producer")) as connection:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        yield Market(channel, database, int(stack.env["EVENT_SHARDS"]))
    database.close()


@pytest.fixture
def cluster(stack: RunningStack) -> Iterator[Cluster]:
    """The Flink cluster of that stack."""
    cluster = Cluster(stack)
    yield cluster
    cluster.close()


@pytest.fixture
def new_symbol() -> Callable[[], str]:
    """Makes symbols that no other test, and no earlier run, has used."""
    return lambda: f"T{uuid.uuid4().hex[:12].upper()}-USD"


@pytest.fixture
def symbol(new_symbol: Callable[[], str]) -> str:
    return new_symbol()


@pytest.fixture
def tape(market: Market, trading_time: datetime, new_symbol: Callable[[], str]) -> Tape:
    return Tape(market, trading_time, [new_symbol() for _ in range(5)])
