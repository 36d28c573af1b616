"""What the job makes of trades, through the real broker, cluster and database."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from producer.events import encode_events, feed_break, to_datetime, to_micros
from tests.integration.stream_job.generated import BARELY, MINUTE, SOURCE, disordered, trade_at, trades
from tests.integration.stream_job.market import Market, snapshots_of
from tests.integration.stream_job.reference import candles_of
from tests.integration.stream_job.waiting import eventually, until_equal


async def test_candles_and_snapshots_equal_an_independent_computation_digit_for_digit(
    market: Market, trading_time: datetime, new_symbol: Callable[[], str], tmp_path: Path
) -> None:
    symbols = [new_symbol() for _ in range(6)]
    events = [
        event
        for seed, symbol in enumerate(symbols)
        for event in trades(symbol, trading_time, minutes=8, per_minute=150, seed=seed)
    ]
    await market.publish(disordered(events))
    await market.pass_time(trading_time + 8 * MINUTE)
    await market.expect_candles(candles_of(events, tmp_path, partial={trading_time}))
    await until_equal(lambda: market.snapshots(*symbols), snapshots_of(events))


async def test_a_minute_without_trades_has_no_candle(
    market: Market, trading_time: datetime, symbol: str
) -> None:
    await market.publish([trade_at(symbol, trading_time, 1), trade_at(symbol, trading_time + 5 * MINUTE, 2)])
    await market.pass_time(trading_time + 6 * MINUTE)
    candles = await market.candles_when_final(symbol, 2)
    assert [candle.bucket_start for candle in candles] == [trading_time, trading_time + 5 * MINUTE]


async def test_a_trade_at_the_very_end_of_a_minute_belongs_to_it_and_one_at_its_beginning_to_the_next(
    market: Market, trading_time: datetime, symbol: str
) -> None:
    end = trading_time + MINUTE
    await market.publish([trade_at(symbol, end - BARELY, 1, "1"), trade_at(symbol, end, 2, "2")])
    await market.pass_time(end + MINUTE)
    candles = await market.candles_when_final(symbol, 2)
    assert [(candle.bucket_start, int(candle.close)) for candle in candles] == [(trading_time, 1), (end, 2)]


async def test_an_unfinished_candle_is_shown_and_a_heartbeat_closes_it(
    market: Market, trading_time: datetime, symbol: str
) -> None:
    await market.publish([trade_at(symbol, trading_time, 1), trade_at(symbol, trading_time + BARELY, 2)])
    (unfinished,) = await eventually(
        lambda: market.candles(symbol), lambda candles: [c.trade_count for c in candles] == [2]
    )
    assert not unfinished.is_final
    (revision,) = market.revisions(symbol)
    await market.pass_time(trading_time + MINUTE)
    (final,) = await market.candles_when_final(symbol, 1)
    assert final == replace(unfinished, is_final=True)
    assert market.revisions(symbol) == [revision + 1]


async def test_the_candle_in_which_a_feed_breaks_and_the_one_in_which_it_resumes_are_partial(
    market: Market, trading_time: datetime, symbol: str, tmp_path: Path
) -> None:
    events = [
        event
        for event in trades(symbol, trading_time, minutes=8, per_minute=5)
        if not trading_time + 3 * MINUTE <= to_datetime(event.event_time) < trading_time + 5 * MINUTE
    ]
    broke = to_micros(trading_time + 2 * MINUTE + timedelta(seconds=59))
    split = next(number for number, event in enumerate(events) if event.event_time > broke)
    await market.publish([*events[:split], feed_break(SOURCE, symbol, broke, broke), *events[split:]])
    await market.pass_time(trading_time + 8 * MINUTE)
    partial = {trading_time, trading_time + 2 * MINUTE, trading_time + 5 * MINUTE}
    await market.expect_candles(candles_of(events, tmp_path, partial=partial))


async def test_a_trade_up_to_ten_minutes_late_corrects_its_final_candle_and_raises_its_revision(
    market: Market, trading_time: datetime, symbol: str, tmp_path: Path
) -> None:
    in_time = trades(symbol, trading_time, minutes=3, per_minute=6)
    await market.publish(in_time)
    await market.pass_time(trading_time + 10 * MINUTE)
    await market.candles_when_final(symbol, 3)
    before = market.revisions(symbol)
    late = [
        trade_at(symbol, trading_time + MINUTE, -1, "999.5", "0.25"),
        trade_at(symbol, trading_time + 2 * MINUTE - BARELY, 1_000, "0.5", "3"),
    ]
    await market.publish(late)
    await market.expect_candles(candles_of(in_time + late, tmp_path, partial={trading_time}))
    after = market.revisions(symbol)
    assert (after[0], after[2]) == (before[0], before[2])
    assert after[1] > before[1]


async def test_a_trade_later_than_that_is_in_the_snapshots_and_changes_no_candle(
    market: Market, trading_time: datetime, symbol: str, tmp_path: Path
) -> None:
    in_time = trades(symbol, trading_time, minutes=2, per_minute=6)
    await market.publish(in_time)
    much_later = trading_time + 12 * MINUTE
    await market.pass_time(much_later)
    await market.candles_when_final(symbol, 2)
    after = trade_at(symbol, much_later + MINUTE, 1_001)
    too_late = trade_at(symbol, trading_time + BARELY, 1_000, "999", "1")
    await market.publish_message(market.queue_of(symbol), encode_events([too_late, after]))
    await market.pass_time(much_later + 2 * MINUTE)
    # The job reads a symbol's events in order: once the later one has its candle, the late one is through.
    await market.expect_candles(candles_of([*in_time, after], tmp_path, partial={trading_time}))
    rows = await eventually(lambda: market.snapshots(symbol), lambda rows: len(rows) == len(in_time) + 2)
    assert too_late.event_id in {row[0] for row in rows}
