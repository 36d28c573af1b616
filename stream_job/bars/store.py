"""Bars into the table `candles`, where they may: one statement a message, in one transaction."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Final, TypeVar

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from db.connection import pooled_engine
from db.errors import DatabaseError
from db.settings import DatabaseSettings
from producer.events import to_datetime
from stream_job.bars.backfilled import recompute, without_indicators
from stream_job.bars.message import Arrived, Rejected
from stream_job.stored_indicators import Series

Result = TypeVar("Result")

DATABASE_ERRORS: Final = (SQLAlchemyError, DatabaseError)

STATEMENT_TIMEOUT: Final = timedelta(seconds=60)

# A candle that is missing is made, with a revision below any of the stream's: a whole one that the stream
# makes later wins. One of which the stream has seen only a part is replaced, and one that was backfilled with
# other values corrected. docs/candles.md says the rest.
UPSERT: Final = text(
    """
    INSERT INTO candles AS present (
        symbol, "interval", bucket_start, source, open, high, low, close, volume, vwap, trade_count,
        is_final, is_partial, revision, origin, updated_at
    )
    SELECT bar.*, true, false, 1, 'backfill', now()
    FROM unnest(
        CAST(:symbol AS text[]), CAST(:interval AS text[]), CAST(:bucket_start AS timestamptz[]),
        CAST(:source AS text[]), CAST(:open AS numeric[]), CAST(:high AS numeric[]), CAST(:low AS numeric[]),
        CAST(:close AS numeric[]), CAST(:volume AS numeric[]), CAST(:vwap AS numeric[]),
        CAST(:trade_count AS bigint[])
    ) AS bar
    ON CONFLICT (symbol, "interval", bucket_start) DO UPDATE SET
        source = EXCLUDED.source, open = EXCLUDED.open, high = EXCLUDED.high, low = EXCLUDED.low,
        close = EXCLUDED.close, volume = EXCLUDED.volume, vwap = EXCLUDED.vwap,
        trade_count = EXCLUDED.trade_count, is_final = true, is_partial = false,
        revision = present.revision + 1, origin = 'backfill', updated_at = EXCLUDED.updated_at
    WHERE (present.origin = 'stream' AND present.is_partial) OR (
        present.origin = 'backfill' AND
        (present.source, present.open, present.high, present.low, present.close, present.volume, present.vwap,
         present.trade_count)
        IS DISTINCT FROM
        (EXCLUDED.source, EXCLUDED.open, EXCLUDED.high, EXCLUDED.low, EXCLUDED.close, EXCLUDED.volume,
         EXCLUDED.vwap, EXCLUDED.trade_count)
    )
    """
)


@dataclass(frozen=True)
class Written:
    """How many candles were made or changed, and the bars that the table refused."""

    rows: int
    refused: list[Rejected]


class CandleStore:
    """PostgreSQL as role `market_writer`; each call runs in a thread and raises one of `DATABASE_ERRORS`."""

    def __init__(self, settings: DatabaseSettings) -> None:
        self._settings = settings

    @cached_property
    def _engine(self) -> Engine:
        return pooled_engine(
            self._settings, "market_writer", program="bars", size=1, statement_timeout=STATEMENT_TIMEOUT
        )

    async def check(self) -> None:
        """Return when the database answers."""
        await self._transaction(lambda connection: connection.execute(text("SELECT 1")).scalar_one())

    async def write(self, arrived: Sequence[Arrived]) -> Written:
        """Write the bars, all of them in one transaction unless the table refuses one."""
        return await asyncio.to_thread(self._write, arrived)

    async def without_indicators(self) -> list[Series]:
        """Return the backfilled series that lack indicators."""
        return await self._transaction(without_indicators)

    async def recompute(self, series: Series) -> int:
        """Compute the indicators of a series anew; returns how many rows were new or changed."""
        return await self._transaction(lambda connection: recompute(connection, series))

    async def close(self) -> None:
        """Close the connection."""
        await asyncio.to_thread(self._engine.dispose)

    async def _transaction(self, work: Callable[[Connection], Result]) -> Result:
        def transaction() -> Result:
            with self._engine.begin() as connection:
                return work(connection)

        return await asyncio.to_thread(transaction)

    def _write(self, arrived: Sequence[Arrived]) -> Written:
        if not arrived:
            return Written(0, [])
        try:
            with self._engine.begin() as connection:
                return Written(_upsert(connection, arrived), [])
        except (DataError, IntegrityError):
            return self._write_one_by_one(arrived)

    def _write_one_by_one(self, arrived: Sequence[Arrived]) -> Written:
        rows, refused = 0, []
        for one in arrived:
            try:
                with self._engine.begin() as connection:
                    rows += _upsert(connection, [one])
            except (DataError, IntegrityError) as error:
                reason = " ".join(str(error.orig).split())
                refused.append(Rejected(one.body, one.index, f"the table candles refused the bar: {reason}"))
        return Written(rows, refused)


def _upsert(connection: Connection, arrived: Sequence[Arrived]) -> int:
    bars = [one.bar for one in arrived]
    result = connection.execute(
        UPSERT,
        {
            "symbol": [bar.symbol for bar in bars],
            "interval": [bar.interval for bar in bars],
            "bucket_start": [to_datetime(bar.bucket_start) for bar in bars],
            "source": [bar.source for bar in bars],
            "open": [bar.open for bar in bars],
            "high": [bar.high for bar in bars],
            "low": [bar.low for bar in bars],
            "close": [bar.close for bar in bars],
            "volume": [bar.volume for bar in bars],
            "vwap": [bar.vwap for bar in bars],
            # As where only quotes are known: no trade was told one by one.
            "trade_count": [bar.trade_count or 0 for bar in bars],
        },
    )
    return result.rowcount
