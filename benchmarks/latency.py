"""How long an event takes from its publication to a committed row, at a steady rate."""

import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import psycopg2.extensions

from benchmarks.contenders import Contender
from benchmarks.market_load import Load
from benchmarks.publishing import Published, declare_anew, publish_live
from benchmarks.server_stack import ServerStack

WARM_UP_SECONDS = 15
POLL_SECONDS = 0.01
DRAIN_SECONDS = 60
PROBE = "LOAD0.SIM"
"""The symbol whose unfinished candle is looked at."""


@dataclass(frozen=True)
class Latency:
    """Milliseconds from publication to the snapshot's row, and to the first candle that holds the event."""

    contender: str
    events_per_second: int
    snapshot_p50: float
    snapshot_p99: float
    candle_p50: float
    candle_p99: float


class CandleWatch(threading.Thread):
    """Notes when the probe's candles held how many events, as the database's clock tells it."""

    def __init__(self, database: psycopg2.extensions.connection, candles: str) -> None:
        super().__init__(daemon=True)
        self._database = database
        # The newest of the commits that the sum is made of is the one that raised it.
        self._query = (
            "SELECT coalesce(sum(trade_count), 0)::bigint, "  # noqa: S608
            "extract(epoch FROM max(pg_xact_commit_timestamp(xmin)))::float8 "
            f"FROM {candles} WHERE symbol = %s"
        )
        self._stopped = threading.Event()
        self.seen: list[tuple[int, float]] = []

    def run(self) -> None:
        """Look until stopped, and once more."""
        while not self._stopped.wait(POLL_SECONDS):
            self._look()
        self._look()

    def _look(self) -> None:
        with self._database.cursor() as cursor:
            cursor.execute(self._query, (PROBE,))
            row = cursor.fetchone()
        if row is not None and row[0] and (not self.seen or row[0] != self.seen[-1][0]):
            self.seen.append((row[0], row[1]))

    def stop(self) -> None:
        """Stop it, and wait until it has."""
        self._stopped.set()
        self.join()


def measure(
    servers: ServerStack, contender: Contender, shards: int, events_per_second: int, seconds: int
) -> Latency:
    """Let it store a live market for so many seconds, after a warm-up that does not count."""
    load = Load(
        events=events_per_second * (WARM_UP_SECONDS + seconds),
        symbols=500,
        shards=shards,
        start=datetime.now(UTC),
    )
    uri = servers.amqp_uri("producer")
    declare_anew(uri, shards)
    contender.begin(load.events, snapshots=True)
    try:
        with servers.connect() as polled, servers.connect() as database:
            watch = CandleWatch(polled, contender.candles)
            watch.start()
            begin = time.time()
            published = publish_live(uri, load, events_per_second)
            _drain(contender, database, published)
            time.sleep(1)  # The candle of the last event may come after its row.
            watch.stop()
            counted_from = begin + WARM_UP_SECONDS
            rows = _row_latencies(contender, database, counted_from)
            candles = _candle_latencies(contender, database, counted_from, watch.seen)
    finally:
        contender.end()
    return Latency(contender.name, events_per_second, *_percentiles(rows), *_percentiles(candles))


def _drain(contender: Contender, database: psycopg2.extensions.connection, published: Published) -> None:
    deadline = time.monotonic() + DRAIN_SECONDS
    while (stored := _rows(database, f"SELECT count(*) FROM {contender.snapshots}")[0][0]) < published.events:  # noqa: S608
        if time.monotonic() > deadline:
            raise TimeoutError(f"{contender.name} has {stored} snapshots of {published.events} events")
        time.sleep(0.5)


def _row_latencies(
    contender: Contender, database: psycopg2.extensions.connection, counted_from: float
) -> list[float]:
    """Milliseconds from ingestion to commit of every row that counts."""
    query = (
        f"SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin) - {contender.ingested})::float8 * 1000 "  # noqa: S608
        f"FROM {contender.snapshots} WHERE {contender.ingested} >= to_timestamp({counted_from})"
    )
    return [row[0] for row in _rows(database, query)]


def _candle_latencies(
    contender: Contender,
    database: psycopg2.extensions.connection,
    counted_from: float,
    seen: list[tuple[int, float]],
) -> list[float]:
    """Milliseconds from the ingestion of the probe's n-th event to the first candles that hold n events."""
    query = (
        f"SELECT extract(epoch FROM {contender.ingested})::float8 FROM {contender.snapshots} "  # noqa: S608
        f"WHERE symbol = '{PROBE}' ORDER BY 1"
    )
    ingested = [row[0] for row in _rows(database, query)]
    found = []
    version = 0
    for number, moment in enumerate(ingested, start=1):
        while seen[version][0] < number:
            version += 1
        if moment >= counted_from:
            found.append((seen[version][1] - moment) * 1000)
    return found


def _percentiles(milliseconds: list[float]) -> tuple[float, float]:
    p50, p99 = np.percentile(milliseconds, [50, 99])
    return float(p50), float(p99)


def _rows(database: psycopg2.extensions.connection, query: str) -> list[tuple[float, ...]]:
    with database.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()
