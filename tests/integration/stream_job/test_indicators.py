"""Indicators of final candles, through the real broker, cluster and database."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import talib

from producer.events import to_micros
from stream_job.indicators.catalogue import VALUES
from tests.integration.stream_job.cluster import Cluster
from tests.integration.stream_job.generated import BARELY, MINUTE, disordered, trade_at, trades
from tests.integration.stream_job.indicator_reference import from_scratch
from tests.integration.stream_job.market import Market
from tests.integration.stream_job.waiting import eventually, until_equal


async def test_every_final_candle_of_every_interval_has_every_indicator_also_after_late_corrections(
    market: Market, trading_time: datetime, symbol: str
) -> None:
    end = trading_time + 240 * MINUTE
    await market.publish(disordered(trades(symbol, trading_time, minutes=240, per_minute=6)))
    await market.pass_time(end)
    await market.candles_when_final(symbol, 240)
    late = [trade_at(symbol, end - 6 * MINUTE, -1, "999", "5"), trade_at(symbol, end - BARELY, 9_999, "0.5")]
    await market.publish(late)
    await market.pass_time(datetime(end.year, end.month, end.day, tzinfo=UTC) + timedelta(days=1))
    await eventually(
        lambda: market.candles(symbol, interval="1d"), lambda days: [day.is_final for day in days] == [True]
    )

    for interval in ("1m", "5m", "15m", "1h", "1d"):
        await until_equal(
            lambda interval=interval: market.indicators(symbol, interval),  # type: ignore[misc]
            from_scratch(market.candles(symbol, interval=interval)),
        )
    minutes = market.candles(symbol)
    closes = np.array([float(candle.close) for candle in minutes])
    values = market.indicators(symbol, "1m")
    last = minutes[-1].bucket_start
    assert max(candle.high for candle in minutes) == 999
    assert closes[-1] == 0.5
    assert values[last, "sma_20"] == pytest.approx(talib.SMA(closes, 20)[-1], rel=1e-9)
    assert values[last, "rsi_14"] == pytest.approx(talib.RSI(closes, 14)[-1], rel=1e-9)
    assert values[last, "macd"] == pytest.approx(talib.MACD(closes, 12, 26, 9)[0][-1], rel=1e-9)


async def test_the_value_of_a_candle_in_the_warm_up_is_null(
    market: Market, trading_time: datetime, symbol: str
) -> None:
    await market.publish(trades(symbol, trading_time, minutes=2, per_minute=2))
    await market.pass_time(trading_time + 2 * MINUTE)
    values = await eventually(
        lambda: market.indicators(symbol, "1m"), lambda values: len(values) == 2 * len(VALUES)
    )
    assert values[trading_time, "sma_200"] is None
    assert values[trading_time, "vwap_day"] is not None


async def test_indicators_go_on_where_they_were_after_a_taskmanager_was_killed(
    market: Market, cluster: Cluster, trading_time: datetime, symbol: str
) -> None:
    events = trades(symbol, trading_time, minutes=40, per_minute=3)
    middle = trading_time + 25 * MINUTE
    await market.publish([event for event in events if event.event_time < to_micros(middle)])
    await market.pass_time(middle)
    await market.candles_when_final(symbol, 25)
    cluster.kill("TaskManagerRunner")
    await market.publish([event for event in events if event.event_time >= to_micros(middle)])
    await market.pass_time(trading_time + 40 * MINUTE)
    candles = await market.candles_when_final(symbol, 40)
    await until_equal(lambda: market.indicators(symbol, "1m"), from_scratch(candles))
