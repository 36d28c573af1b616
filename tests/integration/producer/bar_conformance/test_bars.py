"""What every provider of bars answers: what was traded to the digit, and when; and only what is finished."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from producer.backfill.ledger import Ledger
from producer.backfill.missing import Window
from producer.backfill.request import BackfillRequest
from producer.backfill.service import Backfill
from producer.bars import INTERVAL_MICROS, Bar, Interval
from producer.database import Database
from producer.events import to_datetime, to_micros
from producer.trading_day import ALWAYS_OPEN
from tests.integration.producer.bar_conformance.conftest import Venue, at, starts
from tests.integration.producer.bar_conformance.market import NOW

MINUTE = timedelta(minutes=1)
HALF_AN_HOUR_AGO = NOW.replace(second=0) - 30 * MINUTE


@dataclass
class RecordingSink:
    """Takes bars as the publisher would, and keeps them."""

    bars: list[Bar] = field(default_factory=list)

    async def publish(self, bars: Sequence[Bar]) -> None:
        self.bars += bars


async def test_a_bar_has_every_digit_and_the_utc_time_of_its_bucket(venue: Venue) -> None:
    bars = await venue.bars("1m", HALF_AN_HOUR_AGO, HALF_AN_HOUR_AGO + 5 * MINUTE)
    start = to_micros(HALF_AN_HOUR_AGO)
    rows = venue.market.rows("1m", start, start + 5 * INTERVAL_MICROS["1m"])
    assert [
        (bar.bucket_start, str(bar.open), str(bar.high), str(bar.low), str(bar.close), str(bar.volume))
        for bar in bars
    ] == [(row.start, row.open, row.high, row.low, row.close, row.volume) for row in rows]
    assert len(bars) == 5
    told = {(bar.source, bar.symbol, bar.interval, bar.trading_day) for bar in bars}
    assert told == {(venue.dialect.name, venue.dialect.symbol, "1m", "2025-03-11")}
    assert {bar.trade_count for bar in bars} <= {None, *(row.trades for row in rows)}


async def test_every_length_that_it_offers_begins_where_our_candles_do(venue: Venue) -> None:
    for interval in venue.source.intervals:
        length = INTERVAL_MICROS[interval]
        start = to_micros(NOW) - INTERVAL_MICROS["1d"]
        start = max(start - start % length, venue.source.earliest(interval, to_micros(NOW)) or 0)
        end = start + 100 * length
        bars = await venue.bars(interval, start, end)
        assert starts(bars) == [row.start for row in venue.market.traded(interval, start, end)]
        assert bars
        assert {bar.bucket_start % length for bar in bars} == {0}


async def test_the_largest_question_is_answered_whole_in_pages_where_need_be(venue: Venue) -> None:
    now, source = to_micros(NOW), venue.source
    length = INTERVAL_MICROS["1m"]
    end = now - now % length
    start = max(end - source.buckets_per_call * length, source.earliest("1m", now) or 0)
    expected = [row.start for row in venue.market.traded("1m", start, end)]
    assert starts(await venue.bars("1m", start, end)) == expected
    assert len(expected) > 250
    assert len(venue.questions) == venue.counted
    pages = {"alpaca": -(-len(expected) // 100), "alpha_vantage": 2}  # pages of 100; February and March
    assert len(venue.questions) == pages.get(venue.dialect.name, 1)


async def test_a_time_in_which_nothing_traded_has_no_bars(venue: Venue) -> None:
    venue.market.is_dead = True
    assert await venue.bars("1m", HALF_AN_HOUR_AGO, NOW) == []
    assert await venue.bars("1d", NOW - timedelta(days=5), NOW) == []


async def test_a_bucket_in_which_nothing_traded_is_none(venue: Venue) -> None:
    quiet = to_micros(HALF_AN_HOUR_AGO + MINUTE)
    venue.market.quiet = {quiet}
    found = starts(await venue.bars("1m", HALF_AN_HOUR_AGO, HALF_AN_HOUR_AGO + 3 * MINUTE))
    assert found == [quiet - INTERVAL_MICROS["1m"], quiet + INTERVAL_MICROS["1m"]]


@pytest.mark.parametrize("interval", ["1m", "1d"])
async def test_a_bar_that_is_not_finished_is_never_published(
    venue: Venue, interval: Interval, database: Database
) -> None:
    now = to_micros(NOW)
    start = now - 3 * INTERVAL_MICROS["1d"] if interval == "1d" else to_micros(HALF_AN_HOUR_AGO)
    growing = venue.market.rows(interval, start, now + INTERVAL_MICROS["1d"])[-1].start
    end = growing + INTERVAL_MICROS[interval]
    assert end > now
    told = starts(await venue.bars(interval, start, end))
    assert told[-1] == growing  # the provider answers it with the others
    assert venue.provider is not None
    symbols = (venue.dialect.symbol,)
    request = BackfillRequest(venue.dialect.name, symbols, interval, Window(start, now), again=True)
    ledger, sink = Ledger(database), RecordingSink()
    run = await ledger.open_run(request)
    backfill = Backfill(venue.provider, _Eager(venue, end), ledger, sink, clock=lambda: now)
    outcome = await backfill.run(run, request)
    await ledger.close_run(run, "succeeded", None)
    assert starts(sink.bars) == told[:-1]
    assert outcome.bars == len(sink.bars) > 0


class _Eager:
    """The provider, asked for the bar that grows, too."""

    def __init__(self, venue: Venue, end: int) -> None:
        self._venue = venue
        self._end = end
        self.intervals = venue.source.intervals
        self.buckets_per_call = venue.source.buckets_per_call
        self.extent = None
        self.earliest = venue.source.earliest

    async def bars(
        self, symbol: str, interval: Interval, start: int, end: int, before_call: object
    ) -> list[Bar]:
        return await self._venue.bars(interval, start, self._end)


async def test_days_are_labelled_by_their_date_also_where_clocks_are_put_forward(venue: Venue) -> None:
    bars = await venue.bars("1d", at("2025-03-06"), at("2025-03-11"))
    days = ["2025-03-06", "2025-03-07", "2025-03-10"]
    if venue.dialect.calendar == ALWAYS_OPEN:
        days[2:2] = ["2025-03-08", "2025-03-09"]
    assert [bar.trading_day for bar in bars] == days
    labels = [f"{to_datetime(start):%Y-%m-%d %H:%M}" for start in starts(bars)]
    assert labels == [f"{day} 00:00" for day in days]


@pytest.mark.parametrize(
    ("opens", "clocks"),
    [
        ("2025-03-07 14:30", "winter"),
        ("2025-03-10 13:30", "summer"),  # the clocks were put forward on the Sunday between
        ("2024-11-01 13:30", "summer"),
        ("2024-11-04 14:30", "winter"),  # and back
    ],
)
async def test_the_clocks_of_new_york_are_read_in_winter_and_in_summer(
    venue: Venue, opens: str, clocks: str
) -> None:
    start = to_micros(at(opens))
    forgotten = (venue.source.earliest("1m", to_micros(NOW)) or 0) > start
    interval: Interval = "1d" if forgotten else "1m"
    if forgotten:
        start -= start % INTERVAL_MICROS["1d"]
    first, end = start - 5 * INTERVAL_MICROS[interval], start + 2 * INTERVAL_MICROS[interval]
    bars = await venue.bars(interval, first, end)
    assert starts(bars) == [row.start for row in venue.market.traded(interval, first, end)]
    if venue.dialect.calendar != ALWAYS_OPEN:
        assert starts(bars) == [start, start + INTERVAL_MICROS["1m"]], clocks
