"""The stack's market: what a test publishes into the streams, and what the job writes of it."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from operator import attrgetter
from typing import Any

import aio_pika
import psycopg2.extensions
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from producer.events import EVENTS_PER_MESSAGE, MarketEvent, encode_events, heartbeat, to_datetime, to_micros
from producer.sharding import event_queue, shard_of
from producer.topology import DEAD_LETTERS_QUEUE
from tests.integration.stream_job.generated import SOURCE
from tests.integration.stream_job.reference import Candle
from tests.integration.stream_job.waiting import WAIT_SECONDS, eventually, until_equal

# What the watermark stays behind the newest event by, and a bit.
CLOSING = timedelta(seconds=3)

CANDLES = """
SELECT symbol, bucket_start, source, open, high, low, close, volume, vwap, trade_count, is_final, is_partial
FROM candles WHERE symbol = ANY(%s) AND interval = %s ORDER BY symbol, bucket_start
"""


Snapshot = tuple[str, datetime, Decimal | None, Decimal | None, str]


def snapshots_of(events: Iterable[MarketEvent]) -> list[Snapshot]:
    """What the table of raw events holds of these, in the order of their ids."""
    return sorted(
        (event.event_id, to_datetime(event.event_time), event.price, event.size, event.trading_day)
        for event in events
    )


class Market:
    """Publishes as the producer does, message by message; reads what the reader's role may read."""

    def __init__(
        self, channel: AbstractChannel, database: psycopg2.extensions.connection, shards: int
    ) -> None:
        self._channel = channel
        self._database = database
        self._shards = shards

    def with_database(self, database: psycopg2.extensions.connection) -> "Market":
        """The same market with another job's database."""
        return Market(self._channel, database, self._shards)

    async def publish(self, events: Sequence[MarketEvent]) -> None:
        """Publish events in messages as large as the contract allows, in their order within a shard."""
        queues: dict[str, list[MarketEvent]] = {}
        for event in events:
            queues.setdefault(self.queue_of(event.symbol or ""), []).append(event)
        for queue, ours in queues.items():
            for start in range(0, len(ours), EVENTS_PER_MESSAGE):
                await self.publish_message(queue, encode_events(ours[start : start + EVENTS_PER_MESSAGE]))

    async def publish_message(self, queue: str, body: bytes, message_id: str | None = None) -> str:
        """Publish one message, confirmed; returns its id."""
        message = aio_pika.Message(
            body,
            message_id=message_id or str(uuid.uuid4()),
            content_type="application/json",
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        )
        await self._channel.default_exchange.publish(message, queue, mandatory=True)
        assert message.message_id is not None
        return message.message_id

    async def pass_time(self, moment: datetime) -> None:
        """Tell every shard the venue's time, so that everything that ended before it is closed."""
        micros = to_micros(moment + CLOSING)
        for shard in range(self._shards):
            await self.publish_message(event_queue(shard), encode_events([heartbeat(SOURCE, micros, micros)]))

    def queue_of(self, symbol: str) -> str:
        """The stream queue that a symbol's events travel through."""
        return event_queue(shard_of(symbol, self._shards))

    def candles(self, *symbols: str, interval: str = "1m") -> list[Candle]:
        """The candles of these symbols as they are now, by symbol and time."""
        return [
            Candle(row[0], row[1].astimezone(UTC), *row[2:])
            for row in self._rows(CANDLES, list(symbols), interval)
        ]

    def revisions(self, symbol: str) -> list[int]:
        """The revision of each of the symbol's candles, by time."""
        query = "SELECT revision FROM candles WHERE symbol = %s AND interval = '1m' ORDER BY bucket_start"
        return [revision for (revision,) in self._rows(query, symbol)]

    async def candles_when_final(self, symbol: str, count: int) -> list[Candle]:
        """Wait until the symbol has so many candles and all of them are final."""
        return await eventually(
            lambda: self.candles(symbol),
            lambda candles: len(candles) == count and all(candle.is_final for candle in candles),
        )

    async def expect_candles(self, expected: Sequence[Candle], interval: str = "1m") -> None:
        """Wait until the candles of the expected ones' symbols are these and no others."""
        ordered = sorted(expected, key=attrgetter("symbol", "bucket_start"))
        symbols = {candle.symbol for candle in ordered}
        await until_equal(lambda: self.candles(*symbols, interval=interval), ordered)

    def indicators(self, symbol: str, interval: str) -> dict[tuple[datetime, str], float | None]:
        """The values of a symbol's indicators as they are now, by start of candle and name."""
        query = "SELECT bucket_start, name, value FROM indicators WHERE symbol = %s AND interval = %s"
        return {
            (start.astimezone(UTC), name): value for start, name, value in self._rows(query, symbol, interval)
        }

    def snapshots(self, *symbols: str) -> list[Snapshot]:
        """The raw events of these symbols, in the order of their ids."""
        query = """
            SELECT event_id, event_time, price, size, trading_day::text FROM snapshots WHERE symbol = ANY(%s)
        """
        rows = self._rows(query, list(symbols))
        return sorted((row[0], row[1].astimezone(UTC), *row[2:]) for row in rows)

    async def dead_letters_of(self, message_id: str, count: int) -> list[AbstractIncomingMessage]:
        """Wait for so many dead letters of a message, and take them out; others stay."""
        queue = await self._channel.get_queue(DEAD_LETTERS_QUEUE, ensure=False)
        found: list[AbstractIncomingMessage] = []
        async with queue.iterator(timeout=WAIT_SECONDS) as letters:
            async for letter in letters:
                if letter.headers.get("x-original-message-id") == message_id:
                    await letter.ack()
                    found.append(letter)
                if len(found) == count:
                    break
        return found

    def _rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        with self._database, self._database.cursor() as cursor:
            cursor.execute(query, parameters)
            return cursor.fetchall()
