"""A gap is found in the candles, filled by a backfill, and kept."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from db.settings import DatabaseSettings
from producer.backfill.ledger import Ledger
from producer.backfill.missing import Window
from producer.backfill.request import BackfillRequest
from producer.backfill.session import BackfillRuns
from producer.cancellation import cancelled
from producer.database import Database
from producer.events import to_micros
from producer.gaps.ledger import GapLedger
from producer.gaps.watch import GapWatch
from producer.providers.coinbase.candles import CoinbaseBars
from producer.providers.protocol import Provider, Source
from stream_job.bars.consumer import BarConsumer
from stream_job.bars.store import CandleStore
from tests.integration.producer.broker import TOPOLOGY, Broker
from tests.integration.producer.candle_venue import CandleVenue, minutes
from tests.integration.producer.conftest import Serve
from tests.integration.producer.json_server import JsonServer
from tests.integration.producer.waiting import until
from tests.stack import RunningStack

# A week of minutes, with an outage of three hours in it.
START = datetime(2025, 3, 3, tzinfo=UTC)
WEEK = 7 * 1_440
BROKE, RESUMED = 4_000, 4_180
MINUTE = timedelta(minutes=1)


def store_week(stack: RunningStack, symbol: str, *, until: int = WEEK) -> None:
    """Store the minutes of a week as the job leaves them behind: partial where the feed broke and resumed."""
    connection = stack.psycopg("market_writer")
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO candles (symbol, interval, bucket_start, source, open, high, low, close, volume,"
            " trade_count, is_final, is_partial, revision, origin, updated_at)"
            " SELECT %(symbol)s, '1m', %(start)s + number * interval '1 minute', 'test-coinbase', 1, 1, 1, 1,"
            " 0, 1, true, number IN (0, %(broke)s, %(resumed)s), 3, 'stream', now()"
            " FROM generate_series(0, %(until)s - 1) AS number"
            " WHERE number <= %(broke)s OR number >= %(resumed)s",
            {"symbol": symbol, "start": START, "broke": BROKE, "resumed": RESUMED, "until": until},
        )
    connection.close()


def gaps_of(stack: RunningStack, symbol: str) -> list[tuple[Any, ...]]:
    connection = stack.psycopg("market_reader")
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT reason, started_at, ended_at, missing_count, closed_at IS NOT NULL, closed_by_run_id"
            " FROM gaps WHERE symbol = %s ORDER BY started_at",
            (symbol,),
        )
        rows = cursor.fetchall()
    connection.close()
    return rows


def watch_at(database: Database, moment: datetime) -> GapWatch:
    return GapWatch(GapLedger(database), lambda: to_micros(moment))


def at(number: int) -> datetime:
    return START + number * MINUTE


@pytest.fixture
async def followed(database: Database, symbol: str) -> Source:
    """The symbol as a live source's."""
    source = Source("test-coinbase", "live", "A venue of a test", (symbol,))
    await database.register(source)
    return source


async def test_a_week_with_an_outage_of_three_hours_has_one_gap_which_a_backfill_fills(
    stack: RunningStack,
    database: Database,
    database_settings: DatabaseSettings,
    broker: Broker,
    serve: Serve,
    followed: Source,
    symbol: str,
) -> None:
    store_week(stack, symbol)
    watch = watch_at(database, at(WEEK))
    for _ in range(2):
        await watch.look()
        gap = ("missing_candles", at(BROKE), at(RESUMED + 1), 181)
        assert gaps_of(stack, symbol) == [(*gap, False, None)]

    venue = CandleVenue(quiet=minutes(START, range(4_050, 4_060)))
    store = CandleStore(database_settings)
    consumer = asyncio.create_task(BarConsumer(broker.address, store).run())
    async with JsonServer(venue.answer) as server:
        provider = Provider(followed, bars=CoinbaseBars(server.url, followed.name))
        runs = BackfillRuns({followed.name: provider}, Ledger(database), broker.address, TOPOLOGY)
        wanted = Window(to_micros(START), to_micros(at(WEEK)))
        request = BackfillRequest(followed.name, (symbol,), "1m", wanted)
        run = await runs.open(request)
        await runs.carry_out(run, request)
    # The minute with which the feed began is partial too, so it is asked for as well.
    assert len(venue.calls) == 2
    await watch.look()
    assert gaps_of(stack, symbol) == [(*gap, True, run.run_id)]

    def has_filled() -> bool:
        connection = stack.psycopg("market_reader")
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*), count(*) FILTER (WHERE is_partial) FROM candles"
                " WHERE symbol = %s AND interval = '1m'",
                (symbol,),
            )
            counts = cursor.fetchone()
        connection.close()
        return counts == (WEEK - 10, 0)

    await until(has_filled, "every minute in which something traded has a whole candle")
    await cancelled(consumer)
    await store.close()
    await watch.look()
    assert gaps_of(stack, symbol) == [(*gap, True, run.run_id)]
    async with serve() as client:
        (report,) = (await client.get("/gaps", params={"symbol": symbol})).json()
        assert (report["closed_by_run_id"], report["missing_count"]) == (run.run_id, 181)
        assert (await client.get("/gaps", params={"symbol": symbol, "open": True})).json() == []


async def test_a_gap_that_lasts_has_no_end_until_the_feed_resumes(
    stack: RunningStack, database: Database, followed: Source, symbol: str
) -> None:
    store_week(stack, symbol, until=BROKE + 1)
    await watch_at(database, at(BROKE + 30)).look()
    assert gaps_of(stack, symbol) == [("missing_candles", at(BROKE), None, 28, False, None)]
    connection = stack.psycopg("market_writer")
    with connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM candles WHERE symbol = %s", (symbol,))
    connection.close()
    store_week(stack, symbol)
    await watch_at(database, at(WEEK)).look()
    assert gaps_of(stack, symbol) == [("missing_candles", at(BROKE), at(RESUMED + 1), 181, False, None)]


async def test_hours_in_which_the_venue_is_closed_are_no_gap(
    stack: RunningStack, database: Database, symbol: str
) -> None:
    await database.register(Source("test-exchange", "live", "A venue of a test", (symbol,), calendar="XNYS"))
    connection = stack.psycopg("market_writer")
    with connection, connection.cursor() as cursor:
        # The feed ends with the session of Monday and begins with that of Tuesday, without a hole.
        for day in (3, 4):
            cursor.execute(
                "INSERT INTO candles (symbol, interval, bucket_start, source, open, high, low, close, volume,"
                " trade_count, is_final, is_partial, revision, origin, updated_at)"
                " SELECT %s, '1m', %s::timestamptz + number * interval '1 minute', 'test-exchange', 1, 1, 1,"
                " 1, 0, 1, true, number = 389, 3, 'stream', now() FROM generate_series(0, 389) AS number",
                (symbol, f"2025-03-0{day} 14:30Z"),
            )
    connection.close()
    await watch_at(database, datetime(2025, 3, 4, 23, 0, tzinfo=UTC)).look()
    assert [(row[0], row[1], row[3]) for row in gaps_of(stack, symbol)] == [
        ("sequence", datetime(2025, 3, 3, 20, 59, tzinfo=UTC), 1),
        ("sequence", datetime(2025, 3, 4, 20, 59, tzinfo=UTC), 1),
    ]
