"""A savepoint of the whole job in its next revision, which knows one more field and one more indicator."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from pathlib import Path

import msgspec
import pytest

from ops.settings import REPOSITORY
from producer.events import MarketEvent, to_datetime, to_micros
from tests.integration.stream_job.cluster import Cluster
from tests.integration.stream_job.generated import BARELY, MINUTE, SOURCE, quote_at, trade_at, trades
from tests.integration.stream_job.indicator_reference import Values, from_scratch
from tests.integration.stream_job.market import Market, snapshots_of
from tests.integration.stream_job.next_revision import NextRevision, next_revision
from tests.integration.stream_job.reference import Candle, candles_of
from tests.integration.stream_job.waiting import eventually, until_equal
from tests.stack import RunningStack

# A JVM is built and two are started, on a machine that may have much else to do.
pytestmark = pytest.mark.timeout(600)

SECONDS = {"1m": 60, "5m": 300, "15m": 900, "1h": 3600, "1d": 86_400}
MINUTES = 130
# In the middle of a candle of every interval. A series has forgotten its first candles by then.
STOP = 115 * MINUTE + timedelta(seconds=30)
POLL = timedelta(seconds=20)
TRADES_A_MINUTE = 5
# About four minutes of both symbols.
EVENTS_AT_A_TIME = 32


class NextEvent(MarketEvent, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """An event of the next revision."""

    open_interest: Decimal | None = None


class Session:
    """A symbol that is traded and one that is quoted, from a moment on for two hours and ten minutes."""

    def __init__(self, traded: str, quoted: str, start: datetime) -> None:
        self.traded, self.quoted, self.start = traded, quoted, start
        self.stop = start + STOP
        self.trades = trades(traded, start, minutes=MINUTES, per_minute=TRADES_A_MINUTE)
        self.quotes = [
            self._quote(number, start + number * POLL) for number in range(MINUTES * (MINUTE // POLL))
        ]
        # Both change final candles, the first of them the close.
        self.late = [
            trade_at(traded, start + 112 * MINUTE - BARELY, 9_999, "999", "5"),
            trade_at(traded, start + 113 * MINUTE, -1, "0.5", "7"),
        ]

    def _quote(self, number: int, moment: datetime) -> MarketEvent:
        quote = quote_at(self.quoted, moment, f"{100 + number % 7}.25", str(5_000 + 3 * number))
        if moment < self.stop:
            return quote
        fields = msgspec.structs.asdict(quote)
        return NextEvent(**fields, open_interest=Decimal(f"{900 + number * 7 % 31}.5"))

    @property
    def before(self) -> list[MarketEvent]:
        """What the present revision sees before the savepoint."""
        return [event for event in self._in_order() if event.event_time < to_micros(self.stop)]

    @property
    def after(self) -> list[MarketEvent]:
        """What comes after it, the late ones first."""
        return self.late + [event for event in self._in_order() if event.event_time >= to_micros(self.stop)]

    def _in_order(self) -> list[MarketEvent]:
        return sorted(self.trades + self.quotes, key=attrgetter("event_time"))

    @property
    def end(self) -> datetime:
        """When candles of every interval have ended."""
        return datetime(self.start.year, self.start.month, self.start.day, tzinfo=UTC) + timedelta(days=1)

    def traded_candles(self, interval: str, folder: Path) -> list[Candle]:
        """The candles of all trades; the feed began in the first one."""
        seconds = SECONDS[interval]
        return candles_of(
            self.trades + self.late, folder, partial={_bucket(self.start, seconds)}, seconds=seconds
        )

    def quoted_candles(self, interval: str) -> list[Candle]:
        """The candles of all quotes: the volume of each is the growth of the day's since the one before."""
        candles: list[Candle] = []
        told = self.quotes[0].day_volume or Decimal(0)
        for start, quotes in self._quotes_by_candle(interval):
            prices = [quote.price for quote in quotes if quote.price is not None]
            volume = (quotes[-1].day_volume or Decimal(0)) - told
            told += volume
            ends = prices[0], max(prices), min(prices), prices[-1]
            candles.append(Candle(self.quoted, start, SOURCE, *ends, volume, None, 0, is_partial=not candles))
        return candles

    def open_interests(self, interval: str) -> dict[datetime, Decimal | None]:
        """The highest open interest that was told in each candle of the quotes."""
        return {
            start: max(_told_of(quotes), default=None) for start, quotes in self._quotes_by_candle(interval)
        }

    def _quotes_by_candle(self, interval: str) -> list[tuple[datetime, list[MarketEvent]]]:
        def bucket(quote: MarketEvent) -> datetime:
            return _bucket(to_datetime(quote.event_time), SECONDS[interval])

        return [(start, list(quotes)) for start, quotes in groupby(self.quotes, bucket)]


def _told_of(quotes: Sequence[MarketEvent]) -> list[Decimal]:
    """The open interests that these quotes told."""
    told = [quote.open_interest for quote in quotes if isinstance(quote, NextEvent)]
    return [open_interest for open_interest in told if open_interest is not None]


def _bucket(moment: datetime, seconds: int) -> datetime:
    return to_datetime(to_micros(moment) // (seconds * 1_000_000) * seconds * 1_000_000)


@pytest.fixture
def revision(stack: RunningStack, tmp_path: Path) -> Iterator[NextRevision]:
    with next_revision(stack, tmp_path) as revision:
        yield revision


@pytest.fixture
def next_cluster(revision: NextRevision) -> Iterator[Cluster]:
    with closing(Cluster(revision.stack)) as cluster:
        yield cluster


@pytest.fixture
def next_market(market: Market, revision: NextRevision) -> Iterator[Market]:
    with closing(revision.stack.psycopg("market_reader")) as database:
        yield market.with_database(database)


async def test_a_savepoint_goes_on_in_a_revision_with_one_more_field_and_one_more_indicator(
    market: Market,
    cluster: Cluster,
    stack: RunningStack,
    revision: NextRevision,
    next_cluster: Cluster,
    next_market: Market,
    trading_time: datetime,
    symbol: str,
    tmp_path: Path,
) -> None:
    session = Session(symbol, f"{symbol}.Q", trading_time)
    await _is_seen_by_the_present_revision(session, market)
    savepoint = await _savepoint(stack, cluster)
    await asyncio.to_thread(revision.take_rows, stack, [session.traded, session.quoted])
    found = await asyncio.to_thread(revision.go_on_from, savepoint)
    job = await next_cluster.next_job()
    await _publish(session.after, market)
    await market.pass_time(session.end)

    for interval in SECONDS:
        traded, quoted = session.traded_candles(interval, tmp_path), session.quoted_candles(interval)
        await next_market.expect_candles([*traded, *quoted], interval)
        await until_equal(
            lambda interval=interval: revision.open_interests(session.quoted, interval),  # type: ignore[misc]
            session.open_interests(interval),
        )
        await until_equal(
            lambda interval=interval: next_market.indicators(session.traded, interval),  # type: ignore[misc]
            from_scratch(traded) | _momentum(traded, session, SECONDS[interval]),
        )
    after = snapshots_of(session.after)
    await until_equal(lambda: next_market.snapshots(session.traded, session.quoted), after)
    assert next_cluster.restored_from(job) == found
    # The present revision reads events of the next one, for as long as an upgrade takes.
    await market.expect_candles([*session.traded_candles("1m", tmp_path), *session.quoted_candles("1m")])


async def _publish(events: Sequence[MarketEvent], market: Market) -> None:
    """Publish some minutes at a time: behind a shard that is ten ahead, another's events are too late."""
    for start in range(0, len(events), EVENTS_AT_A_TIME):
        await market.publish(events[start : start + EVENTS_AT_A_TIME])


async def _is_seen_by_the_present_revision(session: Session, market: Market) -> None:
    await _publish(session.before, market)
    await market.pass_time(session.start + 115 * MINUTE)
    await until_equal(lambda: market.snapshots(session.traded, session.quoted), snapshots_of(session.before))
    last = session.start + 114 * MINUTE
    for symbol in (session.traded, session.quoted):
        await eventually(
            lambda symbol=symbol: market.indicators(symbol, "1m"),  # type: ignore[misc]
            lambda values: (last, "obv") in values,
        )


async def _savepoint(stack: RunningStack, cluster: Cluster) -> Path:
    """Stop the present job; its watch starts it again from the same savepoint."""
    job = await cluster.next_job()
    stop = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "stream_job", "stop"),
        cwd=REPOSITORY,
        env=stack.environment,
        stdout=subprocess.PIPE,
    )
    printed, _ = await stop.communicate()
    await cluster.next_job(job)
    return Path(printed.decode().strip().removeprefix("file:"))


def _momentum(candles: Sequence[Candle], session: Session, seconds: int) -> Values:
    """The new indicator: of each candle that was not final before, and of the one whose close was corrected.

    It has warmed up in the candles that the series retains.
    """
    closes = [float(candle.close) for candle in candles]
    corrected = session.late[0].event_time
    return {
        (candle.bucket_start, "momentum_10"): closes[place] - closes[place - 10] if place >= 10 else None
        for place, candle in enumerate(candles)
        if candle.bucket_start + timedelta(seconds=seconds) > session.stop
        or to_micros(candle.bucket_start) + seconds * 1_000_000 == corrected + 1
    }
