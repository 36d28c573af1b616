"""Candles in which a feed began or broke are made whole from the past of their source."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from producer.backfill.background import BackgroundBackfills
from producer.backfill.ledger import Ledger
from producer.backfill.session import BackfillRuns
from producer.database import Database
from producer.errors import JobFailedError
from producer.events import to_micros
from producer.providers.coinbase.candles import CoinbaseBars
from producer.providers.protocol import Feed, Provider, Source
from producer.runs import RunReader
from producer.schedule.backfilling import Backfilling
from producer.schedule.completion import Completion, can_complete
from tests.integration.producer.broker import TOPOLOGY, Broker
from tests.integration.producer.candle_venue import CandleVenue
from tests.integration.producer.json_server import JsonServer, refusal
from tests.stack import RunningStack

NOW = datetime(2025, 3, 4, 12, 20, tzinfo=UTC)
FORBIDDEN = refusal(403, {"message": "Forbidden"})
INSERT = """
INSERT INTO candles (symbol, "interval", bucket_start, source, open, high, low, close, volume, trade_count,
                     is_final, is_partial, revision, origin)
VALUES (%s, %s, %s, %s, 1, 1, 1, 1, 1, 1, %s, %s, 3, 'stream')
"""


def no_feed() -> Feed:
    raise AssertionError("no feed is opened to complete candles")


@pytest.fixture
def venue() -> CandleVenue:
    return CandleVenue()


@pytest.fixture
async def provider(venue: CandleVenue, symbol: str, database: Database) -> AsyncIterator[Provider]:
    source = Source(f"test-{symbol}", "live", "A venue of a test", (symbol,))
    await database.register(source)
    async with JsonServer(venue.answer) as server:
        yield Provider(source, feed=no_feed, bars=CoinbaseBars(server.url, source.name))


@pytest.fixture
async def completion(provider: Provider, broker: Broker, database: Database) -> AsyncIterator[Completion]:
    known = {provider.source.name: provider}
    backfills = BackgroundBackfills(BackfillRuns(known, Ledger(database), broker.address, TOPOLOGY))
    yield Completion(
        database, known, Backfilling(backfills, RunReader(database)).fill, lambda: to_micros(NOW)
    )
    await backfills.close()


def store(
    stack: RunningStack, source: str, symbol: str, interval: str, at: datetime, *, final: bool, partial: bool
) -> None:
    connection = stack.psycopg("market_writer")
    with connection, connection.cursor() as cursor:
        cursor.execute(INSERT, (symbol, interval, at, source, final, partial))
    connection.close()


async def test_partial_candles_of_each_interval_are_asked_for_once(
    stack: RunningStack, provider: Provider, completion: Completion, venue: CandleVenue, symbol: str
) -> None:
    for interval in ("5m", "1h"):
        hour_ago = NOW.replace(minute=0) - timedelta(hours=1)
        store(stack, provider.source.name, symbol, interval, hour_ago, final=True, partial=True)
    said = await completion.complete_candles()
    assert sorted(venue.calls) == [
        ("2025-03-04T11:00:00Z", "2025-03-04T11:00:00Z"),
        ("2025-03-04T11:00:00Z", "2025-03-04T11:00:00Z"),
    ]
    assert "5m of" in said
    assert "1h of" in said
    await completion.complete_candles()
    assert len(venue.calls) == 2


@pytest.mark.parametrize(
    ("age", "final", "partial"),
    [
        (timedelta(hours=1), True, False),
        (timedelta(hours=1), False, True),
        (timedelta(minutes=10), True, True),
        (timedelta(days=3), True, True),
    ],
    ids=["whole", "unfinished", "still corrected", "too old"],
)
async def test_no_other_candle_is_asked_for(
    stack: RunningStack,
    provider: Provider,
    completion: Completion,
    venue: CandleVenue,
    symbol: str,
    age: timedelta,
    final: bool,
    partial: bool,
) -> None:
    store(stack, provider.source.name, symbol, "5m", NOW - age, final=final, partial=partial)
    assert await completion.complete_candles() == "No candle is partial."
    assert venue.calls == []


async def test_what_a_provider_refuses_is_told(
    stack: RunningStack, provider: Provider, completion: Completion, venue: CandleVenue, symbol: str
) -> None:
    venue.refusals.append(FORBIDDEN)
    hour_ago = NOW.replace(minute=0) - timedelta(hours=1)
    store(stack, provider.source.name, symbol, "15m", hour_ago, final=True, partial=True)
    with pytest.raises(JobFailedError, match=r"15m: Run \d+ has failed: Coinbase answered 403"):
        await completion.complete_candles()


def test_a_provider_that_does_not_stream_or_has_no_bars_completes_nothing(provider: Provider) -> None:
    assert can_complete(provider)
    assert not can_complete(Provider(provider.source, feed=no_feed))
    assert not can_complete(Provider(provider.source, bars=provider.bars))
