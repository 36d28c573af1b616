"""Candles of every interval: each equals its minutes, through the real broker, cluster and database."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from producer.events import MICROSECONDS_PER_MINUTE, MarketEvent, to_datetime, to_micros
from producer.trading_day import trading_day
from tests.integration.stream_job.generated import BARELY, MINUTE, disordered, trade_at, trades
from tests.integration.stream_job.market import Market
from tests.integration.stream_job.reference import candles_of
from tests.integration.stream_job.waiting import eventually

SECONDS = {"1m": 60, "5m": 300, "15m": 900, "1h": 3_600, "1d": 86_400}


async def test_two_hours_of_trades_and_late_ones_equal_an_independent_aggregation_digit_for_digit(
    market: Market, trading_time: datetime, symbol: str, tmp_path: Path
) -> None:
    in_time = trades(symbol, trading_time, minutes=120, per_minute=40)
    in_time = [event for event in in_time if not _is_silent(event, trading_time)]
    await market.publish(disordered(in_time))
    end = trading_time + 120 * MINUTE
    await market.pass_time(end)
    await eventually(
        lambda: market.candles(symbol, interval="1h"), lambda hours: sum(hour.is_final for hour in hours) == 2
    )
    late = [trade_at(symbol, end - 7 * MINUTE, -1, "999", "5"), trade_at(symbol, end - BARELY, 9_999, "0.5")]
    await market.publish(late)
    await market.pass_time(_midnight_after(trading_time))

    for interval, seconds in SECONDS.items():
        expected = candles_of([*in_time, *late], tmp_path, seconds=seconds)
        # The feed began in the first candle of each interval.
        expected[0] = replace(expected[0], is_partial=True)
        await market.expect_candles(expected, interval)


async def test_a_day_in_new_york_is_final_when_its_session_closes(
    market: Market, next_trading_time: Callable[[], datetime], symbol: str
) -> None:
    # A weekend has the session of another day, whose close is not before its own midnight.
    trading_time = next(moment for moment in iter(next_trading_time, None) if _is_open_in_new_york(moment))
    session = trading_day("XNYS", to_micros(trading_time))
    assert session.session_end is not None
    event = trade_at(symbol, trading_time, 1)
    event = msgspec.structs.replace(event, trading_day=session.date, session_end=session.session_end)
    await market.publish([event])
    close = to_datetime(session.session_end)
    await market.pass_time(close)
    (day,) = await eventually(
        lambda: market.candles(symbol, interval="1d"), lambda days: [day.is_final for day in days] == [True]
    )
    assert close < _midnight_after(trading_time)
    assert day.bucket_start == datetime.fromisoformat(session.date).replace(tzinfo=UTC)


def _is_open_in_new_york(moment: datetime) -> bool:
    return trading_day("XNYS", to_micros(moment)).date == moment.date().isoformat()


def _is_silent(event: MarketEvent, start: datetime) -> bool:
    """Whether it falls into the 26 minutes in which these tests' market is silent."""
    return 20 * MICROSECONDS_PER_MINUTE <= event.event_time - to_micros(start) < 46 * MICROSECONDS_PER_MINUTE


def _midnight_after(moment: datetime) -> datetime:
    return datetime(moment.year, moment.month, moment.day, tzinfo=UTC) + timedelta(days=1)
