"""The two sides of the reckoning: what PostgreSQL holds, and what DuckDB makes of the plan's trades."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg2.extensions

from producer.events import MarketEvent, to_datetime
from tests.chaos.plan import LoadPlan
from tests.chaos.reckoning import Tally, WrittenCandle, tally_candles, tally_snapshots
from tests.integration.stream_job.market import Snapshot, snapshots_of
from tests.integration.stream_job.reference import Candle, candles_of
from tests.stack import RunningStack

SECONDS = {"1m": 60, "5m": 300, "15m": 900, "1h": 3_600, "1d": 86_400}

CANDLES = """
SELECT symbol, bucket_start, source, open, high, low, close, volume, vwap, trade_count, is_final, is_partial,
       revision
FROM candles WHERE symbol = ANY(%s) AND interval = %s
"""
SNAPSHOTS = "SELECT event_id, event_time, price, size, trading_day::text FROM snapshots WHERE symbol = %s"
COUNT = "SELECT count(*) FROM snapshots WHERE symbol = ANY(%s)"
# One index entry a symbol and day.
NEWEST = """
SELECT (SELECT max(event_time) FROM snapshots WHERE snapshots.symbol = wanted.symbol)
FROM unnest(%s) AS wanted(symbol)
"""


class Books:
    """What a plan's market comes to, and what has been written of it."""

    def __init__(self, stack: RunningStack, plan: LoadPlan, end: int) -> None:
        self._stack = stack
        self._plan = plan
        self._end = end
        self._events = {symbol: list(plan.trades(symbol, end)) for symbol in plan.symbols}
        self._candles = {interval: list(self._expected_candles(interval)) for interval in SECONDS}

    @property
    def events(self) -> int:
        """How many events there should be."""
        return sum(map(len, self._events.values()))

    def stored_events(self) -> int:
        """How many there are."""
        ((count,),) = self._rows(COUNT, list(self._plan.symbols))
        return int(count)

    def tallies(self) -> list[Tally]:
        """Compare every row of both tables."""
        return [self._tally_events(), *(self._tally_candles(interval) for interval in SECONDS)]

    def _tally_events(self) -> Tally:
        total = Tally("snapshots", 0)
        for symbol, events in self._events.items():
            found: list[Snapshot] = [
                (row[0], row[1].astimezone(UTC), *row[2:]) for row in self._rows(SNAPSHOTS, symbol)
            ]
            total += tally_snapshots(snapshots_of(events), found)
        return total

    def _tally_candles(self, interval: str) -> Tally:
        rows = self._rows(CANDLES, list(self._plan.symbols), interval)
        found = (WrittenCandle(Candle(row[0], row[1].astimezone(UTC), *row[2:12]), row[12]) for row in rows)
        return tally_candles(interval, self._candles[interval], found)

    def _expected_candles(self, interval: str) -> Iterator[WrittenCandle]:
        seconds = SECONDS[interval]
        events: list[MarketEvent] = [event for events in self._events.values() for event in events]
        with tempfile.TemporaryDirectory() as folder:
            candles = candles_of(events, Path(folder), seconds=seconds)
        seen: set[str] = set()
        for candle in candles:
            yield WrittenCandle.of_trades(
                replace(
                    candle,
                    # The feed began in the first one.
                    is_partial=candle.symbol not in seen,
                    is_final=candle.bucket_start + timedelta(seconds=seconds) <= to_datetime(self._end),
                )
            )
            seen.add(candle.symbol)

    def _rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        with closing(self._stack.psycopg("market_reader")) as connection:
            return _rows(connection, query, *parameters)


def stored_up_to(stack: RunningStack, symbols: tuple[str, ...]) -> datetime | None:
    """Up to when every symbol is stored; None where one has nothing yet, or the database is away."""
    try:
        with closing(stack.psycopg("market_reader")) as connection:
            newest = [time for (time,) in _rows(connection, NEWEST, list(symbols))]
    except psycopg2.OperationalError:
        return None
    return None if None in newest else min(newest)


def _rows(
    connection: psycopg2.extensions.connection, query: str, *parameters: object
) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()
