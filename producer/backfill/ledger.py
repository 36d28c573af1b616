"""What PostgreSQL knows of backfills: which candles there are, what was asked before, how each run went."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, case, func, select, update
from sqlalchemy.dialects.postgresql import insert

from db.models import BackfillWindow, Candle, IngestRun
from producer.backfill.missing import Window
from producer.backfill.request import BackfillRequest
from producer.bars import Interval
from producer.database import Database
from producer.events import to_datetime, to_micros
from producer.providers.protocol import Source

INTERRUPTED = "The process ended before this run did."
GOES_ON = "Start the same backfill again: it goes on where this one stopped."

# Of the two keys of an advisory lock: this one says that the other is the id of a run.
RUN_LOCKS = 0x6261636B


class Run:
    """A run that is under way. It holds a lock on its id: a run without one has lost its process."""

    def __init__(self, run_id: int, connection: Connection) -> None:
        self.run_id = run_id
        self._connection = connection

    async def release(self) -> None:
        """Let go of the lock."""
        await asyncio.to_thread(self._connection.close)


class Ledger:
    """Each call is a transaction of its own and raises one of ``DATABASE_ERRORS``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def register(self, source: Source, symbols: tuple[str, ...]) -> None:
        """Make a source known, and symbols of it that are not followed from another one."""
        asked = Source(source.name, source.kind, source.description, symbols, source.calendar)
        await self._database.register(asked, takes_over=False)

    async def open_run(self, request: BackfillRequest) -> Run:
        """Note that a run begins; earlier ones that have lost their process have failed."""
        await self._database.transaction(close_interrupted_runs)
        connection = await self._database.connect()
        try:
            run_id = await asyncio.to_thread(_insert_locked, connection, request)
        except BaseException:
            await asyncio.to_thread(connection.close)
            raise
        return Run(run_id, connection)

    async def close_run(self, run: Run, status: str, error: str | None) -> None:
        """Note how a run ended: ``succeeded``, ``failed`` or ``cancelled``, and why not well."""
        ended = {"status": status, "error": error, "finished_at": func.clock_timestamp()}
        await self._database.transaction(
            lambda connection: connection.execute(
                update(IngestRun).where(IngestRun.id == run.run_id).values(ended)
            )
        )
        await run.release()

    async def present(self, symbol: str, interval: Interval, wanted: Window, *, again: bool) -> set[int]:
        """Return the beginnings of candles that need no bar: whole ones of the stream, and backfilled ones.

        Those that were backfilled are left out when they are wanted again.
        """
        whole = ~Candle.is_partial & (Candle.origin == "stream")
        query = select(Candle.bucket_start).where(
            Candle.symbol == symbol,
            Candle.interval == interval,
            Candle.bucket_start >= to_datetime(wanted.start),
            Candle.bucket_start < to_datetime(wanted.end),
            whole if again else whole | (Candle.origin == "backfill"),
        )
        starts = await self._database.transaction(lambda connection: connection.scalars(query).all())
        return {to_micros(start) for start in starts}

    async def answered(self, source: str, symbol: str, interval: Interval) -> list[Window]:
        """Return the times for which a provider has answered all the bars that it has."""
        query = select(BackfillWindow.window_start, BackfillWindow.window_end).where(
            BackfillWindow.source == source,
            BackfillWindow.symbol == symbol,
            BackfillWindow.interval == interval,
        )
        rows = await self._database.transaction(lambda connection: connection.execute(query).all())
        return [Window(to_micros(start), to_micros(end)) for start, end in rows]

    async def note_answer(
        self, run: Run, request: BackfillRequest, symbol: str, call: Window, bars: int
    ) -> None:
        """Note that a call was answered and its bars are confirmed by the broker."""
        window = insert(BackfillWindow).values(
            source=request.provider,
            symbol=symbol,
            interval=request.interval,
            window_start=to_datetime(call.start),
            window_end=to_datetime(call.end),
            bar_count=bars,
            run_id=run.run_id,
        )
        window = window.on_conflict_do_update(
            index_elements=["source", "symbol", "interval", "window_start"],
            set_={
                # A shorter answer than an earlier one takes nothing back.
                "window_end": func.greatest(BackfillWindow.window_end, window.excluded.window_end),
                "bar_count": window.excluded.bar_count,
                "answered_at": func.now(),
                "run_id": run.run_id,
            },
        )

        def note(connection: Connection) -> None:
            connection.execute(window)
            connection.execute(
                update(IngestRun)
                .where(IngestRun.id == run.run_id)
                .values(event_count=IngestRun.event_count + bars)
            )

        await self._database.transaction(note)

    async def note_call(self, run: Run) -> None:
        """Count a call to the provider, before it is made: a failed one has been spent too."""
        await self._database.transaction(
            lambda connection: connection.execute(
                update(IngestRun)
                .where(IngestRun.id == run.run_id)
                .values(call_count=IngestRun.call_count + 1)
            )
        )


def close_interrupted_runs(connection: Connection) -> None:
    """Note as failed the runs whose process is gone."""
    running = select(IngestRun.id).where(IngestRun.status == "running")
    ids: Sequence[int] = connection.scalars(running).all()
    gone = [
        run_id
        for run_id in ids
        if connection.scalar(select(func.pg_try_advisory_xact_lock(RUN_LOCKS, run_id)))
    ]
    if gone:
        connection.execute(
            update(IngestRun)
            .where(IngestRun.id.in_(gone), IngestRun.status == "running")
            .values(
                status="failed",
                error=case((IngestRun.kind == "backfill", f"{INTERRUPTED} {GOES_ON}"), else_=INTERRUPTED),
                finished_at=func.clock_timestamp(),
            )
        )


def _insert_locked(connection: Connection, request: BackfillRequest) -> int:
    began: datetime = connection.scalars(select(func.clock_timestamp())).one()
    run_id = connection.execute(
        insert(IngestRun)
        .values(kind="backfill", source=request.provider, request=request.as_json(), started_at=began)
        .returning(IngestRun.id)
    ).scalar_one()
    # Before the row can be seen, so that nobody takes the run for one without a process.
    connection.execute(select(func.pg_advisory_lock(RUN_LOCKS, run_id)))
    connection.commit()
    return run_id
