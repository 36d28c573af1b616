"""What is published more than once."""

from datetime import datetime
from pathlib import Path

from producer.events import encode_events
from tests.integration.stream_job.generated import MINUTE, trade_at, trades
from tests.integration.stream_job.market import Market, snapshots_of
from tests.integration.stream_job.reference import candles_of
from tests.integration.stream_job.waiting import until_equal


async def test_a_message_that_is_published_again_under_its_id_counts_once(
    market: Market, trading_time: datetime, symbol: str, tmp_path: Path
) -> None:
    events = trades(symbol, trading_time, minutes=2, per_minute=100)
    queue, body = market.queue_of(symbol), encode_events(events)
    message_id = await market.publish_message(queue, body)
    for _ in range(3):
        await market.publish_message(queue, body, message_id)
    # A symbol's events are read in order: once this one has its candle, the copies are through.
    after = trade_at(symbol, trading_time + 2 * MINUTE, 1_000)
    await market.publish([after])
    await market.pass_time(trading_time + 3 * MINUTE)
    await market.expect_candles(candles_of([*events, after], tmp_path, partial={trading_time}))
    await until_equal(lambda: market.snapshots(symbol), snapshots_of([*events, after]))


async def test_events_that_are_published_again_in_another_message_are_in_the_snapshots_once(
    market: Market, trading_time: datetime, symbol: str
) -> None:
    events = trades(symbol, trading_time, minutes=1, per_minute=100)
    await market.publish(events)
    await until_equal(lambda: market.snapshots(symbol), snapshots_of(events))
    after = trade_at(symbol, trading_time + MINUTE, 1_000)
    await market.publish([*events[20:60], after, *events])
    await until_equal(lambda: market.snapshots(symbol), snapshots_of([*events, after]))
