"""Notes runs in `ingest_runs` while nobody waits for PostgreSQL: as long as it is away, here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError

from db.models import IngestRun
from producer.backfill.ledger import RUN_LOCKS
from producer.cancellation import cancelled
from producer.database import DATABASE_ERRORS, Database, one_line
from producer.events import clock_micros, to_datetime

logger = logging.getLogger(__name__)

# How far a run is, is written this often; that one begins or ends, at once.
PERIOD_SECONDS = 10.0
RETRY_SECONDS = 5.0
# Of runs that ended while the database was away. Feeds in trouble make some a minute, so it is hours.
MOST_KEPT = 1_000

Kind = Literal["fetch", "stream"]
Ending = Literal["succeeded", "failed", "cancelled"]


@dataclass(frozen=True)
class Counts:
    """What a run came to so far: events, and calls or connections that were tried."""

    events: int = 0
    calls: int = 0


@dataclass(eq=False)
class Entry:
    """One run; times are microseconds since the epoch, UTC. ``run_id`` is None until PostgreSQL has it."""

    kind: Kind
    source: str
    request: Mapping[str, Any]
    started_at: int
    counts: Callable[[], Counts]
    status: Literal["running", "succeeded", "failed", "cancelled"] = "running"
    finished_at: int | None = None
    error: str | None = None
    run_id: int | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    stored: dict[str, Any] | None = None

    def values(self) -> dict[str, Any]:
        """Return the columns that change while it runs and when it ends."""
        counts = self.counts()
        return {
            "status": self.status,
            "event_count": counts.events,
            "call_count": counts.calls,
            "error": self.error,
            "finished_at": None if self.finished_at is None else to_datetime(self.finished_at),
        }


class RunJournal:
    """Takes notes at once and writes them in the background, in order.

    Its connection holds a lock on each run that is under way, as backfills do: a run without one has lost
    its process.
    """

    def __init__(
        self, database: Database, clock: Callable[[], int] = clock_micros, most_kept: int = MOST_KEPT
    ) -> None:
        self._database = database
        self._clock = clock
        self._most_kept = most_kept
        self._entries: list[Entry] = []
        self._wake = asyncio.Event()
        self._connection: Connection | None = None
        self._task: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.create_task(self._run(), name="run journal")

    def begin(
        self, kind: Kind, source: str, request: Mapping[str, Any], counts: Callable[[], Counts]
    ) -> Entry:
        """Note that a run begins; ``counts`` says at any time how far it is."""
        entry = Entry(kind, source, request, self._clock(), counts)
        self._entries.append(entry)
        self._wake.set()
        return entry

    def end(self, entry: Entry, status: Ending, error: str | None = None) -> None:
        """Note how a run ended; the second end of one changes nothing."""
        if entry.finished_at is not None:
            return
        final = entry.counts()
        entry.counts = lambda: final
        entry.status, entry.error = status, error
        entry.finished_at = max(entry.started_at, self._clock())
        self._forget_oldest()
        self._wake.set()

    async def written(self, entry: Entry, seconds: float) -> int | None:
        """Return the id of a run that has ended, once its end is in PostgreSQL; None if that takes longer."""
        try:
            async with asyncio.timeout(seconds):
                await entry.ended.wait()
        except TimeoutError:
            return None
        return entry.run_id

    async def close(self, seconds: float) -> None:
        """Write down what has ended, within the time given, and let go of the locks."""
        self._closing.set()
        self._wake.set()
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=seconds)
            await cancelled(self._task)
        if self.waiting:
            logger.warning("%d runs that ended are not written down: the database is away", self.waiting)

    async def _run(self) -> None:
        trouble: str | None = None
        while self.waiting or not self._closing.is_set():
            try:
                await self._write()
                trouble = None
                if not self._closing.is_set():
                    await _until(self._wake, PERIOD_SECONDS)
            except DATABASE_ERRORS as error:
                if one_line(error) != trouble:
                    trouble = one_line(error)
                    logger.warning("runs are noted later, the database is away: %s", trouble)
                await self._disconnect()
                if self._closing.is_set():
                    return
                await _until(self._closing, RETRY_SECONDS)
        await self._disconnect()

    @property
    def waiting(self) -> int:
        """How many runs have ended and are not in PostgreSQL yet."""
        return len(self._unwritten())

    def _unwritten(self) -> list[Entry]:
        return [entry for entry in self._entries if entry.finished_at is not None]

    async def _write(self) -> None:
        self._wake.clear()
        if self._connection is None and self._entries:
            self._connection = await self._database.connect()
            # Without its lock a run was taken for one that has lost its process.
            for entry in self._entries:
                entry.stored = None
        for entry in list(self._entries):
            values = entry.values()
            if self._connection is None or values == entry.stored:
                continue
            entry.run_id = await asyncio.to_thread(_note, self._connection, entry, values)
            entry.stored = values
            if values["finished_at"] is not None:
                # Where too many waited it may be forgotten already.
                self._entries = [other for other in self._entries if other is not entry]
                entry.ended.set()

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await asyncio.to_thread(_close, connection)

    def _forget_oldest(self) -> None:
        ended = self._unwritten()
        if len(ended) > self._most_kept:
            self._entries.remove(ended[0])
            logger.warning(
                "a run of %s that ended is forgotten: %d more wait for the database",
                ended[0].source,
                self._most_kept,
            )


async def _until(event: asyncio.Event, seconds: float) -> None:
    """Wait for an event, at most so long."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


def _note(connection: Connection, entry: Entry, values: dict[str, Any]) -> int:
    """Write one run in a transaction of its own; returns its id."""
    is_running = values["finished_at"] is None
    run_id = entry.run_id
    if run_id is None:
        row = {
            "kind": entry.kind,
            "source": entry.source,
            "request": dict(entry.request),
            "started_at": to_datetime(entry.started_at),
        }
        run_id = connection.scalars(insert(IngestRun).values(row | values).returning(IngestRun.id)).one()
    else:
        connection.execute(update(IngestRun).where(IngestRun.id == run_id).values(values))
    if is_running and entry.stored is None:
        # Before the row can be seen, so that nobody takes the run for one without a process.
        connection.execute(select(func.pg_advisory_lock(RUN_LOCKS, run_id)))
    connection.commit()
    if not is_running and entry.stored is not None:
        connection.execute(select(func.pg_advisory_unlock(RUN_LOCKS, run_id)))
        connection.commit()
    return run_id


def _close(connection: Connection) -> None:
    try:
        connection.close()
    except DBAPIError as error:
        logger.debug("the connection was lost before it was closed: %s", one_line(error))
