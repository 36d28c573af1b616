"""How fast a contender empties full streams, and what that costs."""

import time
from dataclasses import dataclass
from decimal import Decimal

import psycopg2.extensions

from benchmarks.contenders import Contender
from benchmarks.process_group import ProcessGroup
from benchmarks.publishing import Published
from benchmarks.server_stack import ServerStack

POLL_SECONDS = 0.25
STALLED_SECONDS = 90
STEADY = (0.1, 0.9)
"""Between which shares of the events the rate is taken: without the start, and without the end."""


class WrongResultError(Exception):
    """What a contender stored is not what was published: its speed says nothing."""


@dataclass(frozen=True)
class Sample:
    """A moment: seconds of a monotonic clock, events in candles, CPU-seconds used by each group so far."""

    at: float
    events: int
    cpu: dict[str, float]


@dataclass(frozen=True)
class Throughput:
    """The steady part of one run; CPU in seconds per million events, memory in bytes at its highest."""

    contender: str
    snapshots: bool
    events_per_second: float
    cpu: dict[str, float]
    memory: int


def measure(servers: ServerStack, contender: Contender, published: Published, snapshots: bool) -> Throughput:
    """Let it read everything, watch it, and check every event and the whole volume.

    Raises:
        WrongResultError: something is missing, or too much.
    """
    contender.begin(published.events, snapshots)
    try:
        with servers.connect() as database:
            samples, memory = _watch(servers, contender, database, published.events)
            if snapshots:
                _await_snapshots(contender, database, published.events)
            _check(contender, database, published)
    finally:
        contender.end()
    begin, end = (_at(samples, share * published.events) for share in STEADY)
    millions = (end.events - begin.events) / 1e6
    return Throughput(
        contender.name,
        snapshots,
        (end.events - begin.events) / (end.at - begin.at),
        {group: (end.cpu[group] - begin.cpu[group]) / millions for group in end.cpu},
        memory,
    )


def _watch(
    servers: ServerStack, contender: Contender, database: psycopg2.extensions.connection, events: int
) -> tuple[list[Sample], int]:
    own = ProcessGroup(contender.pids())
    groups = {
        contender.name: own,
        "RabbitMQ": ProcessGroup([servers.pid("rabbitmq")]),
        "PostgreSQL": ProcessGroup([servers.pid("postgres")]),
    }
    samples: list[Sample] = []
    memory = 0
    moved_at = time.monotonic()
    while not samples or samples[-1].events < events:
        time.sleep(POLL_SECONDS)
        stored = _one(database, f"SELECT coalesce(sum(trade_count), 0) FROM {contender.candles}")  # noqa: S608
        now = time.monotonic()
        if samples and int(stored) > samples[-1].events:
            moved_at = now
        if now - moved_at > STALLED_SECONDS:
            raise WrongResultError(f"{contender.name} stands still at {stored} of {events} events")
        samples.append(
            Sample(now, int(stored), {name: group.cpu_seconds() for name, group in groups.items()})
        )
        memory = max(memory, own.memory_bytes())
    return samples, memory


def _at(samples: list[Sample], events: float) -> Sample:
    """The moment at which so many events were in candles, between the two samples around it."""
    after = next(number for number, sample in enumerate(samples) if sample.events >= events)
    if after == 0:
        raise WrongResultError("too few events: it was through before it was looked at")
    first, second = samples[after - 1], samples[after]
    share = (events - first.events) / (second.events - first.events)
    return Sample(
        first.at + share * (second.at - first.at),
        round(events),
        {group: used + share * (second.cpu[group] - used) for group, used in first.cpu.items()},
    )


def _await_snapshots(contender: Contender, database: psycopg2.extensions.connection, events: int) -> None:
    deadline = time.monotonic() + STALLED_SECONDS
    while (stored := _one(database, f"SELECT count(*) FROM {contender.snapshots}")) != events:  # noqa: S608
        if time.monotonic() > deadline or stored > events:
            raise WrongResultError(f"{contender.name} has {stored} snapshots of {events} events")
        time.sleep(POLL_SECONDS)


def _check(contender: Contender, database: psycopg2.extensions.connection, published: Published) -> None:
    events = _one(database, f"SELECT sum(trade_count) FROM {contender.candles}")  # noqa: S608
    volume = _one(database, f"SELECT sum(volume) FROM {contender.candles}")  # noqa: S608
    if events != published.events or volume != published.volume:
        raise WrongResultError(
            f"{contender.name} has {events} events and a volume of {volume} in its candles; "
            f"{published.events} and {published.volume} were published"
        )


def _one(database: psycopg2.extensions.connection, query: str) -> Decimal:
    with database.cursor() as cursor:
        cursor.execute(query)
        row = cursor.fetchone()
    return Decimal(0 if row is None or row[0] is None else row[0])
