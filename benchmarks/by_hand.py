"""What a skilled engineer would write in an afternoon instead of the job: one process, one dict.

It makes the same one-minute candles (exact decimals, open and close by event time) and stores the
stream offsets in the same transaction, so it is exactly-once too. It has no unfinished candles, no watermark,
no late corrections, no dead letters, no metrics and no second core. `python -m benchmarks.by_hand` ends when
`--events` events are stored.
"""

import io
import time
from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated

import msgspec
import pika
import psycopg2
import psycopg2.extensions
import typer
from pika.adapters.blocking_connection import BlockingChannel
from pika.spec import Basic
from psycopg2.extras import execute_values

MINUTE = 60_000_000
COMMIT_EVERY_SECONDS = 0.5
POLL_SECONDS = 0.05
PREFETCH = 200

CANDLES = """
    INSERT INTO by_hand_candles AS c
        (symbol, bucket_start, open, high, low, close, volume, turnover, trade_count, opened, closed)
    VALUES %s
    ON CONFLICT (symbol, bucket_start) DO UPDATE SET
        open = CASE WHEN EXCLUDED.opened < c.opened THEN EXCLUDED.open ELSE c.open END,
        close = CASE WHEN EXCLUDED.closed >= c.closed THEN EXCLUDED.close ELSE c.close END,
        high = GREATEST(c.high, EXCLUDED.high), low = LEAST(c.low, EXCLUDED.low),
        volume = c.volume + EXCLUDED.volume, turnover = c.turnover + EXCLUDED.turnover,
        trade_count = c.trade_count + EXCLUDED.trade_count,
        opened = LEAST(c.opened, EXCLUDED.opened), closed = GREATEST(c.closed, EXCLUDED.closed)
"""
SNAPSHOTS = (
    "COPY by_hand_snapshots (symbol, event_time, event_id, source, ingest_time, price, size) FROM STDIN"
)
OFFSETS = """
    INSERT INTO by_hand_offsets VALUES %s ON CONFLICT (queue) DO UPDATE SET next_offset = EXCLUDED.next_offset
"""
SCHEMA = """
    CREATE TABLE IF NOT EXISTS by_hand_candles (
        symbol text, bucket_start bigint, open numeric, high numeric, low numeric, close numeric,
        volume numeric, turnover numeric, trade_count bigint, opened bigint, closed bigint,
        PRIMARY KEY (symbol, bucket_start));
    CREATE TABLE IF NOT EXISTS by_hand_offsets (queue text PRIMARY KEY, next_offset bigint NOT NULL);
    CREATE TABLE IF NOT EXISTS by_hand_snapshots (
        symbol text, event_time bigint, event_id text, source text, ingest_time bigint, price numeric,
        size numeric,
        PRIMARY KEY (symbol, event_time, event_id));
    TRUNCATE by_hand_candles, by_hand_offsets, by_hand_snapshots
"""


class Trade(msgspec.Struct):
    """The fields of a market event that a candle needs."""

    event_id: str
    source: str
    symbol: str
    event_time: int
    ingest_time: int
    price: Decimal
    size: Decimal


class Candle:
    """One symbol's minute, or the part of it since the last commit."""

    __slots__ = ("close", "closed", "high", "low", "open", "opened", "trade_count", "turnover", "volume")

    def __init__(self, trade: Trade) -> None:
        self.open = self.high = self.low = self.close = trade.price
        self.opened = self.closed = trade.event_time
        self.volume = trade.size
        self.turnover = trade.price * trade.size
        self.trade_count = 1

    def add(self, trade: Trade) -> None:
        """Fold one more trade in."""
        price = trade.price
        if trade.event_time >= self.closed:
            self.close, self.closed = price, trade.event_time
        elif trade.event_time < self.opened:
            self.open, self.opened = price, trade.event_time
        if price > self.high:
            self.high = price
        elif price < self.low:
            self.low = price
        self.volume += trade.size
        self.turnover += price * trade.size
        self.trade_count += 1


class Consumer:
    """Folds the shards' streams into `by_hand_candles` until `events` events are committed."""

    def __init__(
        self, channel: BlockingChannel, database: psycopg2.extensions.connection, snapshots: bool
    ) -> None:
        self._channel, self._database, self._snapshots = channel, database, snapshots
        self._decoder = msgspec.json.Decoder(list[Trade])
        self._candles: dict[tuple[str, int], Candle] = {}
        self._offsets: dict[str, int] = {}
        self._rows = io.StringIO()
        self._last_tag = 0
        self._committed_at = time.monotonic()
        self.events = 0

    def receive(self, queue: str, tag: int, offset: int, body: bytes) -> None:
        """Fold one message, and commit when it is time to."""
        trades = self._decoder.decode(body)
        candles = self._candles
        for trade in trades:
            key = (trade.symbol, trade.event_time // MINUTE)
            candle = candles.get(key)
            if candle is None:
                candles[key] = Candle(trade)
            else:
                candle.add(trade)
        if self._snapshots:
            self._rows.writelines(_copy_rows(trades))
        self._offsets[queue] = offset + 1
        self._last_tag = tag
        self.events += len(trades)
        self.commit_when_due()

    def commit_when_due(self) -> None:
        """Commit what there is, unless the last commit was less than half a second ago."""
        if time.monotonic() - self._committed_at >= COMMIT_EVERY_SECONDS:
            self.commit_rest()

    def commit_rest(self) -> None:
        """Commit what there is."""
        if self._candles:
            self.commit()
            print(self.events, flush=True)

    def commit(self) -> None:
        """Store candles, snapshots and offsets in one transaction, then give the broker its credit back."""
        with self._database, self._database.cursor() as cursor:
            execute_values(
                cursor, CANDLES, [_row(key, candle) for key, candle in self._candles.items()], page_size=1000
            )
            if self._snapshots:
                self._rows.seek(0)
                cursor.copy_expert(
                    SNAPSHOTS,
                    self._rows,
                )
            execute_values(
                cursor,
                OFFSETS,
                list(self._offsets.items()),
            )
        self._candles.clear()
        self._rows = io.StringIO()
        self._committed_at = time.monotonic()
        self._channel.basic_ack(self._last_tag, multiple=True)


def _row(key: tuple[str, int], candle: Candle) -> tuple[object, ...]:
    symbol, minute = key
    return (
        symbol,
        minute * MINUTE,
        candle.open,
        candle.high,
        candle.low,
        candle.close,
        candle.volume,
        candle.turnover,
        candle.trade_count,
        candle.opened,
        candle.closed,
    )


def _copy_rows(trades: Iterable[Trade]) -> Iterable[str]:
    for t in trades:
        yield f"{t.symbol}\t{t.event_time}\t{t.event_id}\t{t.source}\t{t.ingest_time}\t{t.price}\t{t.size}\n"


def main(
    amqp_uri: Annotated[str, typer.Option(envvar="BENCH_AMQP_URI")],
    database_uri: Annotated[str, typer.Option(envvar="BENCH_DATABASE_URI")],
    queues: Annotated[str, typer.Option(help="comma-separated stream queues")],
    events: Annotated[int, typer.Option(help="stop after this many events")],
    snapshots: Annotated[bool, typer.Option(help="also store each event")] = False,
) -> None:
    """Consume the queues until `events` events are stored, printing the running count once a commit."""
    database = psycopg2.connect(database_uri)
    with database, database.cursor() as cursor:
        cursor.execute(SCHEMA)
    connection = pika.BlockingConnection(pika.URLParameters(amqp_uri))
    channel = connection.channel()
    channel.basic_qos(prefetch_count=PREFETCH)
    consumer = Consumer(channel, database, snapshots)
    for queue in queues.split(","):

        def receive(
            _: object,
            method: Basic.Deliver,
            properties: pika.BasicProperties,
            body: bytes,
            queue: str = queue,
        ) -> None:
            headers = properties.headers or {}
            consumer.receive(queue, method.delivery_tag or 0, int(str(headers["x-stream-offset"])), body)

        channel.basic_consume(queue, receive, arguments={"x-stream-offset": "first"})
    print("ready", flush=True)
    while consumer.events < events:
        # It returns as soon as something has come, however little: that alone is no reason to commit.
        connection.process_data_events(time_limit=POLL_SECONDS)
        consumer.commit_when_due()
    consumer.commit_rest()
    connection.close()


if __name__ == "__main__":
    typer.run(main)
