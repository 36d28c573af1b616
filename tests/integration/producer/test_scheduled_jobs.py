"""What the jobs of the schedule do, at a time of the test's own."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from db.settings import Role
from producer.backfill.background import BackgroundBackfills
from producer.backfill.ledger import Ledger
from producer.backfill.missing import Window
from producer.backfill.request import BackfillRequest
from producer.backfill.session import BackfillRuns
from producer.database import Database
from producer.errors import JobFailedError
from producer.events import MICROSECONDS_PER_DAY, MICROSECONDS_PER_MINUTE, clock_micros, to_micros
from producer.feeds import Feeds
from producer.gaps.ledger import GapLedger
from producer.gaps.silence import SilenceWatch
from producer.gaps.watch import GapWatch
from producer.journal import RunJournal
from producer.polling.clock import SystemClock
from producer.providers import kraken
from producer.providers.coinbase.candles import CoinbaseBars
from producer.providers.coinbase.feed import CoinbaseFeed
from producer.providers.protocol import Provider, Source
from producer.quota.ledger import QuotaLedger
from producer.resume import PublishedBefore
from producer.runs import RunReader
from producer.schedule.backfilling import Backfilling, Fill
from producer.schedule.bars import fetch_daily_bars, has_new_daily_bars, refresh_daily_bars
from producer.schedule.gap_filling import GapFilling
from producer.schedule.retention import forget_old_runs
from producer.settings import ProducerSettings
from tests.integration.producer.broker import TOPOLOGY, Broker
from tests.integration.producer.candle_venue import CandleVenue
from tests.integration.producer.conftest import StartPublisher
from tests.integration.producer.json_server import JsonServer, refusal
from tests.integration.producer.venue import Venue, match
from tests.integration.producer.waiting import until
from tests.stack import RunningStack

AFTER_HALF_DAY = datetime(2024, 11, 29, 18, 30, tzinfo=UTC)
FORBIDDEN = refusal(403, {"message": "Forbidden"})
# A Tuesday on which New York is open.
GAP = (datetime(2025, 3, 4, 15, 0, tzinfo=UTC), datetime(2025, 3, 4, 15, 10, tzinfo=UTC))


@pytest.fixture
def venue() -> CandleVenue:
    return CandleVenue()


@pytest.fixture
async def provider(venue: CandleVenue, symbol: str, database: Database) -> AsyncIterator[Provider]:
    """Daily and other bars of one symbol that trades in New York, of a source that no other test has."""
    source = Source(f"test-{symbol}", "live", "A venue of a test", (symbol,), calendar="XNYS")
    await database.register(source)
    async with JsonServer(venue.answer) as server:
        yield Provider(source, bars=CoinbaseBars(server.url, source.name))


@pytest.fixture
async def fill(provider: Provider, broker: Broker, database: Database) -> AsyncIterator[Fill]:
    known = {provider.source.name: provider}
    backfills = BackgroundBackfills(BackfillRuns(known, Ledger(database), broker.address, TOPOLOGY))
    yield Backfilling(backfills, RunReader(database)).fill
    await backfills.close()


def rows(stack: RunningStack, query: str, *parameters: object, role: Role = "market_reader") -> list[Any]:
    connection = stack.psycopg(role)
    with connection, connection.cursor() as cursor:
        cursor.execute(query, parameters)
        found = cursor.fetchall()
    connection.close()
    return found


async def test_after_a_close_the_daily_bars_are_fetched_that_are_missing(
    stack: RunningStack, provider: Provider, fill: Fill, venue: CandleVenue
) -> None:
    now = to_micros(AFTER_HALF_DAY)
    venue.quiet = {int(datetime(2024, 11, day, tzinfo=UTC).timestamp()) for day in (23, 24, 28)}
    said = await fetch_daily_bars(provider, fill, now)
    assert said.endswith("7 bars in 1 calls.")
    # Ten days back to the half day itself; Thanksgiving and the weekend have no bars.
    assert venue.calls == [("2024-11-20T00:00:00Z", "2024-11-29T00:00:00Z")]
    ((kind, status),) = rows(
        stack, "SELECT kind, status FROM ingest_runs WHERE source = %s", provider.source.name
    )
    assert (kind, status) == ("backfill", "succeeded")
    said = await fetch_daily_bars(provider, fill, now)
    assert said.endswith("0 bars in 0 calls.")
    assert len(venue.calls) == 1


async def test_once_a_week_the_same_bars_are_fetched_again(
    provider: Provider, fill: Fill, venue: CandleVenue
) -> None:
    now = to_micros(AFTER_HALF_DAY)
    await fetch_daily_bars(provider, fill, now)
    await refresh_daily_bars(provider, fill, now, days=30)
    assert venue.calls[1:] == [("2024-10-31T00:00:00Z", "2024-11-29T00:00:00Z")]


async def test_a_backfill_that_fails_fails_its_job_with_its_reason(
    provider: Provider, fill: Fill, venue: CandleVenue
) -> None:
    venue.refusals.append(FORBIDDEN)
    with pytest.raises(JobFailedError, match=r"Run \d+ has failed: Coinbase answered 403"):
        await fetch_daily_bars(provider, fill, to_micros(AFTER_HALF_DAY))


async def test_only_a_provider_of_daily_bars_up_to_the_present_has_jobs_of_daily_bars(
    provider: Provider,
) -> None:
    from producer.providers import history

    assert has_new_daily_bars(provider)
    assert not has_new_daily_bars(history.provider())
    assert not has_new_daily_bars(Provider(provider.source))


def store_gap(stack: RunningStack, symbol: str, source: str) -> None:
    rows(
        stack,
        "INSERT INTO gaps (symbol, source, reason, started_at, ended_at, missing_count)"
        " VALUES (%s, %s, 'missing_candles', %s, %s, 10) RETURNING id",
        *(symbol, source, *GAP),
        role="market_writer",
    )


async def test_an_open_gap_is_filled_by_its_source_and_closed_and_kept(
    stack: RunningStack,
    database: Database,
    provider: Provider,
    fill: Fill,
    venue: CandleVenue,
    symbol: str,
) -> None:
    source = provider.source.name
    store_gap(stack, symbol, source)
    filling = GapFilling(GapLedger(database), {source: provider}, fill, clock_micros)
    assert "1 can be filled; 1 were asked for." in await filling.fill_open_gaps()
    assert venue.calls == [("2025-03-04T15:00:00Z", "2025-03-04T15:09:00Z")]
    await GapWatch(GapLedger(database)).look()
    ((is_closed, closed_by),) = rows(
        stack, "SELECT closed_at IS NOT NULL, closed_by_run_id FROM gaps WHERE symbol = %s", symbol
    )
    ((run_id,),) = rows(stack, "SELECT id FROM ingest_runs WHERE source = %s", source)
    assert (is_closed, closed_by) == (True, run_id)
    assert "0 can be filled" in await filling.fill_open_gaps()


async def test_a_gap_that_cannot_be_filled_now_is_tried_again_after_an_hour(
    stack: RunningStack,
    database: Database,
    provider: Provider,
    fill: Fill,
    venue: CandleVenue,
    symbol: str,
) -> None:
    source, now = provider.source.name, clock_micros()
    store_gap(stack, symbol, source)
    filling = GapFilling(GapLedger(database), {source: provider}, fill, lambda: now)
    venue.refusals.append(FORBIDDEN)
    with pytest.raises(JobFailedError, match=f"of {symbol}: Run .* has failed: Coinbase answered 403"):
        await filling.fill_open_gaps()
    now += 59 * MICROSECONDS_PER_MINUTE
    assert "1 can be filled; 0 were asked for." in await filling.fill_open_gaps()
    now += MICROSECONDS_PER_MINUTE
    assert "1 can be filled; 1 were asked for." in await filling.fill_open_gaps()
    assert len(venue.calls) == 2


async def test_a_gap_whose_source_has_no_minutes_is_left_alone(
    stack: RunningStack, database: Database, provider: Provider, fill: Fill, symbol: str
) -> None:
    source = provider.source.name
    store_gap(stack, symbol, source)
    without = {source: Provider(provider.source)}
    filling = GapFilling(GapLedger(database), without, fill, clock_micros)
    assert "0 can be filled; 0 were asked for." in await filling.fill_open_gaps()


async def test_of_a_gap_that_its_source_has_half_forgotten_the_rest_is_asked_for(
    stack: RunningStack, database: Database, provider: Provider, settings: ProducerSettings, symbol: str
) -> None:
    source = provider.source.name
    store_gap(stack, symbol, source)
    kraken_bars = kraken.provider(settings, QuotaLedger(database), SystemClock()).bars
    orders: list[BackfillRequest] = []
    now = 0

    async def note(request: BackfillRequest) -> str:
        orders.append(request)
        return "noted"

    forgetful = {source: Provider(provider.source, bars=kraken_bars)}
    filling = GapFilling(GapLedger(database), forgetful, note, lambda: now)
    assert kraken_bars is not None
    reach = 709 * MICROSECONDS_PER_MINUTE
    now = to_micros(GAP[1]) + reach
    assert "0 can be filled; 0 were asked for." in await filling.fill_open_gaps()
    now -= 3 * MICROSECONDS_PER_MINUTE
    assert "1 can be filled; 1 were asked for." in await filling.fill_open_gaps()
    (order,) = orders
    assert order.wanted == Window(to_micros(GAP[1]) - 3 * MICROSECONDS_PER_MINUTE, to_micros(GAP[1]))


async def test_of_a_provider_that_forgets_days_those_are_refreshed_that_it_has(
    database: Database, settings: ProducerSettings
) -> None:
    forgetful = kraken.provider(settings, QuotaLedger(database), SystemClock())
    orders: list[BackfillRequest] = []

    async def note(request: BackfillRequest) -> str:
        orders.append(request)
        return "noted"

    now = to_micros(AFTER_HALF_DAY)
    await refresh_daily_bars(forgetful, note, now, days=365)
    await refresh_daily_bars(forgetful, note, now, days=3_650)
    begins = [(now - order.wanted.start) // MICROSECONDS_PER_DAY for order in orders]
    assert begins == [365, 709]


async def test_old_runs_and_counts_go_and_those_that_something_refers_to_stay(
    stack: RunningStack, database: Database, symbol: str
) -> None:
    kept, old = uuid.uuid4().hex, uuid.uuid4().hex
    for source, finished in ((kept, "1990-01-01"), (old, "1990-01-01"), (old, "2020-01-01")):
        rows(
            stack,
            "INSERT INTO ingest_runs (kind, source, status, started_at, finished_at)"
            " VALUES ('backfill', %s, 'succeeded', '1989-01-01', %s) RETURNING id",
            *(source, finished),
            role="market_writer",
        )
    rows(
        stack,
        "INSERT INTO backfill_windows (source, symbol, interval, window_start, window_end, bar_count, run_id)"
        " SELECT source, %s, '1d', '1980-01-01', '1981-01-01', 1, id FROM ingest_runs WHERE source = %s"
        " RETURNING run_id",
        *(symbol, kept),
        role="market_writer",
    )
    for period, begun in (("day", "1990-01-01"), ("minute", "2020-01-01")):
        rows(
            stack,
            "INSERT INTO quota_usage VALUES (%s, 'fingerprint', %s, %s, 1) RETURNING calls",
            *(old, period, begun),
            role="market_writer",
        )
    await forget_old_runs(database, to_micros(datetime(2026, 1, 1, tzinfo=UTC)), days=20 * 365)
    left = rows(stack, "SELECT finished_at::date::text FROM ingest_runs WHERE source = %s", old)
    assert left == [("2020-01-01",)]
    assert len(rows(stack, "SELECT FROM ingest_runs WHERE source = %s", kept)) == 1
    assert rows(stack, "SELECT period FROM quota_usage WHERE provider = %s", old) == [("minute",)]


def minute_of(moment: int) -> int:
    return moment - moment % MICROSECONDS_PER_MINUTE


async def test_a_symbol_that_is_told_of_no_more_is_a_gap_until_it_is_told_of_again(
    stack: RunningStack,
    database: Database,
    symbol: str,
    start_publisher: StartPublisher,
    published_before: PublishedBefore,
) -> None:
    source = Source(f"test-{symbol}", "live", "A venue of a test", (symbol,))
    late = timedelta(0)
    async with Venue([[match(symbol, 1, 7)], [match(symbol, 2, 8)]]) as venue:
        provider = Provider(source, feed=lambda: CoinbaseFeed(venue.url, (symbol,), source.name))
        feeds = Feeds(
            {source.name: provider}, await start_publisher(), published_before, database, RunJournal(database)
        )
        longest = 15 * MICROSECONDS_PER_MINUTE
        watch = SilenceWatch(
            GapLedger(database), feeds, longest, lambda: clock_micros() + late // timedelta(microseconds=1)
        )

        def gaps() -> list[Any]:
            return rows(
                stack,
                "SELECT reason, started_at, ended_at, missing_count FROM gaps WHERE symbol = %s",
                symbol,
            )

        feeds.start(source.name)
        await until(lambda: symbol in feeds.status(source.name).heard, "the symbol is told of")
        told_at = feeds.status(source.name).heard[symbol]
        await watch.look()
        seen_at = clock_micros()
        late = timedelta(minutes=14)
        await watch.look()
        assert gaps() == []
        late = timedelta(minutes=16)
        await watch.look()
        await watch.look()
        ((reason, started_at, ended_at, missing),) = gaps()
        assert (reason, ended_at, missing) == ("silence", None, None)
        # In the minute of the first look, which may be the one after that in which it was told of.
        assert minute_of(told_at) <= to_micros(started_at) <= minute_of(seen_at)

        # What was told last lies twenty minutes back now.
        rows(
            stack,
            "UPDATE gaps SET started_at = started_at - interval '20 minutes' WHERE symbol = %s RETURNING id",
            symbol,
            role="market_writer",
        )
        await feeds.stop(source.name)
        feeds.start(source.name)
        await until(lambda: symbol in feeds.status(source.name).heard, "the symbol is told of again")
        await watch.look()
        ((_, _, ended_at, _),) = gaps()
        assert to_micros(ended_at) >= feeds.status(source.name).heard[symbol]
        await feeds.close()
