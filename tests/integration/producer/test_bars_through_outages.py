"""The consumer of bars waits out the broker and the database; a bar that was published becomes its candle."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial

from db.settings import DatabaseSettings
from producer.backfill.publisher import BarPublisher
from producer.bars import Bar
from producer.cancellation import cancelled
from producer.events import MICROSECONDS_PER_MINUTE, to_micros
from producer.topology import BARS_QUEUE
from stream_job.bars.consumer import BarConsumer
from stream_job.bars.store import CandleStore
from tests.integration.producer.broker import TOPOLOGY, Broker
from tests.integration.producer.proxy import Proxy
from tests.integration.producer.waiting import until
from tests.stack import RunningStack

START = to_micros(datetime(2019, 3, 4, tzinfo=UTC))


def bars_of(symbol: str, numbers: range) -> list[Bar]:
    one = Decimal(1)
    return [
        Bar(
            source="archive",
            symbol=symbol,
            interval="1m",
            bucket_start=START + number * MICROSECONDS_PER_MINUTE,
            open=one,
            high=one,
            low=one,
            close=one,
            volume=one,
            trading_day="2019-03-04",
        )
        for number in numbers
    ]


def candles_of(stack: RunningStack, symbol: str) -> int:
    connection = stack.psycopg("market_reader")
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM candles WHERE symbol = %s", (symbol,))
        (count,) = cursor.fetchone() or (0,)
    connection.close()
    return int(count)


def more_than(stack: RunningStack, symbol: str, count: int) -> bool:
    return candles_of(stack, symbol) > count


@asynccontextmanager
async def consuming(
    broker: Broker, database: DatabaseSettings, *, broker_port: int | None = None
) -> AsyncIterator[None]:
    """Run a consumer for as long as the context lasts."""
    store = CandleStore(database)
    address = replace(broker.address, port=broker_port or broker.address.port)
    task = asyncio.create_task(BarConsumer(address, store).run())
    yield
    assert not task.done()
    await cancelled(task)
    await store.close()


async def publish(broker: Broker, symbol: str, numbers: range) -> None:
    async with BarPublisher(broker.address, TOPOLOGY) as publisher:
        await publisher.publish(bars_of(symbol, numbers))


async def waiting_in_queue(broker: Broker) -> int:
    """How many messages nobody has in hand."""
    async with await broker.address.connect() as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(BARS_QUEUE, passive=True)
        return queue.declaration_result.message_count or 0


async def test_bars_are_written_once_the_queue_is_there(
    broker: Broker, stack: RunningStack, database_settings: DatabaseSettings, symbol: str
) -> None:
    async with consuming(broker, database_settings):
        await publish(broker, symbol, range(10))
        await until(lambda: candles_of(stack, symbol) == 10, "the bars are candles")


async def test_bars_survive_cuts_of_the_broker(
    broker: Broker, proxy: Proxy, stack: RunningStack, database_settings: DatabaseSettings, symbol: str
) -> None:
    await publish(broker, symbol, range(10_000))
    async with consuming(broker, database_settings, broker_port=proxy.port):
        for seen in (500, 3_000, 6_000):
            await until(partial(more_than, stack, symbol, seen), "some bars are candles")
            proxy.cut()
            proxy.mend()
        # More messages than are in hand at once, so each has left the queue for the next.
        await until(lambda: candles_of(stack, symbol) == 10_000, "all bars are candles")


async def test_bars_wait_in_their_queue_while_the_database_is_away(
    broker: Broker, stack: RunningStack, database_settings: DatabaseSettings, symbol: str
) -> None:
    database = Proxy(database_settings.postgres_host, database_settings.postgres_port)
    await database.start()
    changed = {"postgres_host": "127.0.0.1", "postgres_port": database.port}
    async with consuming(broker, database_settings.model_copy(update=changed)):
        await publish(broker, symbol, range(10))
        await until(lambda: candles_of(stack, symbol) == 10, "the bars are candles")
        database.cut()
        await publish(broker, symbol, range(10, 5_010))
        async with asyncio.timeout(timedelta(minutes=1).total_seconds()):
            while await waiting_in_queue(broker) < 10:
                await asyncio.sleep(0.1)
        assert candles_of(stack, symbol) == 10
        database.mend()
        await until(lambda: candles_of(stack, symbol) == 5_010, "all bars are candles")
    await database.stop()
