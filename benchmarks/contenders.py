"""Who is measured: the job, and the consumer that is written by hand. Both start with empty tables."""

import os
import subprocess
import sys
from typing import Protocol

from benchmarks.server_stack import FLINK_PROGRAMS, ServerStack
from ops import services
from ops.settings import REPOSITORY
from producer.sharding import event_queue


class Contender(Protocol):
    """Turns the events in the stream queues into candles, and on demand into snapshots."""

    name: str
    candles: str
    snapshots: str
    ingested: str
    """The SQL that makes a snapshot's time of ingestion a timestamp."""

    def begin(self, events: int, snapshots: bool) -> None:
        """Start it, at the first message of each queue; returns when it reads or is about to."""

    def pids(self) -> list[int]:
        """Its processes, while it runs."""

    def end(self) -> None:
        """Stop it."""


class Job:
    """The Flink job, in a cluster that is started for it."""

    name = "the job"
    # It makes longer candles too; what is counted is what the other contender makes as well.
    candles = "(SELECT *, xmin FROM candles WHERE interval = '1m') AS candles"
    snapshots = "snapshots"
    ingested = "ingest_time"

    def __init__(self, servers: ServerStack) -> None:
        self._servers = servers

    def begin(self, events: int, snapshots: bool) -> None:
        """Submit it to a fresh cluster; it does not end by itself, whatever the number of events."""
        stack = self._servers.stack
        with self._servers.connect() as database, database.cursor() as cursor:
            cursor.execute("TRUNCATE candles, indicators, snapshots")
        self._servers.start_flink()
        environment = services.job_environment(stack.paths, stack.variables)
        environment["SNAPSHOTS_ENABLED"] = str(snapshots).lower()
        self._servers.run("-m", "stream_job", "submit", environment=environment)

    def pids(self) -> list[int]:
        """The JobManager and the TaskManager."""
        return [self._servers.pid(program) for program in FLINK_PROGRAMS]

    def end(self) -> None:
        """Stop the cluster."""
        self._servers.stop_flink()


class ByHand:
    """The one process of `by_hand.py`."""

    name = "by hand"
    candles = "by_hand_candles"
    snapshots = "by_hand_snapshots"
    ingested = "to_timestamp(ingest_time / 1e6)"

    def __init__(self, servers: ServerStack, shards: int) -> None:
        self._servers = servers
        self._shards = shards
        self._process: subprocess.Popen[str] | None = None

    def begin(self, events: int, snapshots: bool) -> None:
        """Start it; it ends when it has stored so many events."""
        queues = ",".join(event_queue(shard) for shard in range(self._shards))
        options = ["--queues", queues, "--events", str(events)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.by_hand", *options, *(["--snapshots"] if snapshots else [])],
            env={
                **os.environ,
                "BENCH_AMQP_URI": self._servers.amqp_uri("stream_job"),
                "BENCH_DATABASE_URI": self._servers.database_uri,
            },
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            text=True,
        )
        if self._process.stdout is None or self._process.stdout.readline().strip() != "ready":
            raise RuntimeError("by_hand.py ended before it consumed anything: its error stands above")

    def pids(self) -> list[int]:
        """Its process, until it ends."""
        return [] if self._process is None else [self._process.pid]

    def end(self) -> None:
        """Wait until it ends by itself, which it does at once when all is stored; else end it."""
        if self._process is not None:
            try:
                self._process.communicate(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.communicate()
