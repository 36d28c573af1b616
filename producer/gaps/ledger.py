"""Gaps in PostgreSQL: found in the candles, closed when nothing of them is missing any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import RowMapping

from db.models import Asset, BackfillWindow, Candle, Gap
from producer.backfill.missing import Window
from producer.database import Database, database_that
from producer.events import to_datetime, to_micros
from producer.gaps.detection import FoundGap


@dataclass(frozen=True)
class Series:
    """A symbol that is streamed, and the calendar of its venue."""

    symbol: str
    source: str
    calendar: str


@dataclass(frozen=True)
class OpenGap:
    """A gap that has an end and is not filled yet."""

    gap_id: int
    series: Series
    window: Window


class GapLedger:
    """Each call is a transaction of its own and raises one of ``DATABASE_ERRORS``, or what it says."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def streamed(self, since: int) -> list[Series]:
        """Return the symbols of which the stream has made candles since a time."""
        candle = (
            select(Candle.symbol)
            .where(
                Candle.symbol == Asset.symbol,
                Candle.interval == "1m",
                Candle.origin == "stream",
                Candle.bucket_start >= to_datetime(since),
            )
            .exists()
        )
        query = select(Asset.symbol, Asset.source, Asset.calendar).where(Asset.deleted_at.is_(None), candle)
        rows = await self._database.transaction(lambda connection: connection.execute(query).all())
        return [Series(*row) for row in rows]

    async def minutes(self, symbol: str, window: Window) -> tuple[set[int], set[int]]:
        """Return the beginnings of a symbol's whole one-minute candles in a time, and of its partial ones."""
        query = select(Candle.bucket_start, Candle.is_partial).where(
            Candle.symbol == symbol,
            Candle.interval == "1m",
            Candle.bucket_start >= to_datetime(window.start),
            Candle.bucket_start < to_datetime(window.end),
        )
        whole: set[int] = set()
        partial: set[int] = set()
        for start, is_partial in await self._database.transaction(
            lambda connection: connection.execute(query).all()
        ):
            (partial if is_partial else whole).add(to_micros(start))
        return whole, partial

    async def answered(self, gap: OpenGap) -> list[Window]:
        """Return the times of a gap for which some provider has answered all the minutes that it has."""
        query = select(BackfillWindow.window_start, BackfillWindow.window_end).where(*_overlapping(gap))
        rows = await self._database.transaction(lambda connection: connection.execute(query).all())
        return [Window(to_micros(start), to_micros(end)) for start, end in rows]

    async def note(self, series: Series, found: Sequence[FoundGap]) -> None:
        """Write gaps down; one that is known and open gets its newest end, one that is closed stays."""
        if not found:
            return
        rows = insert(Gap).values(
            [
                {
                    "symbol": series.symbol,
                    "source": series.source,
                    "reason": gap.reason,
                    "started_at": to_datetime(gap.started_at),
                    "ended_at": None if gap.ended_at is None else to_datetime(gap.ended_at),
                    "missing_count": gap.missing_count,
                }
                for gap in found
            ]
        )
        upsert = rows.on_conflict_do_update(
            index_elements=["symbol", "source", "reason", "started_at"],
            set_={"ended_at": rows.excluded.ended_at, "missing_count": rows.excluded.missing_count},
            where=Gap.closed_at.is_(None),
        )
        await self._database.transaction(lambda connection: connection.execute(upsert))

    async def lasting_silences(self) -> dict[tuple[str, str], int]:
        """Return when each silence that has no end began, by symbol and source."""
        query = select(Gap.symbol, Gap.source, Gap.started_at).where(
            Gap.reason == "silence", Gap.ended_at.is_(None), Gap.closed_at.is_(None)
        )
        rows = await self._database.transaction(lambda connection: connection.execute(query).all())
        return {(symbol, source): to_micros(began) for symbol, source, began in rows}

    async def end_silence(self, series: Series, ended_at: int) -> None:
        """Note when a symbol was told of again."""
        ended = (
            update(Gap)
            .where(
                Gap.symbol == series.symbol,
                Gap.source == series.source,
                Gap.reason == "silence",
                Gap.ended_at.is_(None),
                Gap.started_at < to_datetime(ended_at),
            )
            .values(ended_at=to_datetime(ended_at))
        )
        await self._database.transaction(lambda connection: connection.execute(ended))

    async def open_gaps(self) -> list[OpenGap]:
        """Return the gaps that have an end and are not filled."""
        query = (
            select(Gap.id, Gap.symbol, Gap.source, Gap.started_at, Gap.ended_at, Asset.calendar)
            .join(Asset, (Asset.symbol == Gap.symbol) & Asset.deleted_at.is_(None))
            .where(Gap.closed_at.is_(None), Gap.ended_at.is_not(None))
        )
        rows = await self._database.transaction(lambda connection: connection.execute(query).all())
        return [
            OpenGap(gap_id, Series(symbol, source, calendar), Window(to_micros(start), to_micros(end)))
            for gap_id, symbol, source, start, end, calendar in rows
            if end is not None
        ]

    async def close(self, gap: OpenGap) -> None:
        """Note that nothing of a gap is missing any more, and the last backfill that has asked for it."""
        run = select(func.max(BackfillWindow.run_id)).where(*_overlapping(gap)).scalar_subquery()
        closed = (
            update(Gap)
            .where(Gap.id == gap.gap_id, Gap.closed_at.is_(None))
            .values(closed_at=func.clock_timestamp(), closed_by_run_id=run)
        )
        await self._database.transaction(lambda connection: connection.execute(closed))

    async def newest(self, symbol: str | None, is_open: bool | None, limit: int) -> Sequence[RowMapping]:
        """Return the gaps that began last; raises :class:`DatabaseUnavailableError`."""
        query = select(Gap.__table__).order_by(Gap.started_at.desc(), Gap.id.desc()).limit(limit)
        if symbol is not None:
            query = query.where(Gap.symbol == symbol)
        if is_open is not None:
            query = query.where(Gap.closed_at.is_(None) if is_open else Gap.closed_at.is_not(None))

        def read(connection: Connection) -> Sequence[RowMapping]:
            return connection.execute(query).mappings().all()

        with database_that("holds the gaps"):
            return await self._database.transaction(read)


def _overlapping(gap: OpenGap) -> tuple[ColumnElement[bool], ...]:
    return (
        BackfillWindow.symbol == gap.series.symbol,
        BackfillWindow.interval == "1m",
        BackfillWindow.window_start < to_datetime(gap.window.end),
        BackfillWindow.window_end > to_datetime(gap.window.start),
    )
