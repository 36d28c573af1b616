"""Candles of polled quotes: their volume is the growth of what the venue says of its day."""

from datetime import datetime, timedelta
from decimal import Decimal

from tests.integration.stream_job.generated import MINUTE, quote_at, trade_at
from tests.integration.stream_job.market import Market

SECOND = timedelta(seconds=1)


async def test_the_volume_of_quotes_is_the_growth_of_the_day_volume_never_its_sum(
    market: Market, trading_time: datetime, symbol: str
) -> None:
    said = ["1000", "1000.5", "1010", "1010", "1024.000000000000000001"]
    await market.publish(
        [
            quote_at(symbol, trading_time + number * 30 * SECOND, f"10{number}", volume)
            for number, volume in enumerate(said)
        ]
    )
    await market.pass_time(trading_time + 3 * MINUTE)
    candles = await market.candles_when_final(symbol, 3)
    assert [candle.volume for candle in candles] == [
        Decimal("0.5"),
        Decimal("9.5"),
        Decimal("14.000000000000000001"),
    ]
    assert [(int(candle.open), int(candle.close)) for candle in candles] == [
        (100, 101),
        (102, 103),
        (104, 104),
    ]
    assert {(candle.vwap, candle.trade_count) for candle in candles} == {(None, 0)}


async def test_the_day_volume_begins_anew_with_a_trading_day_even_within_a_utc_day(
    market: Market, trading_time: datetime, symbol: str
) -> None:
    days = [trading_time.date().isoformat()] * 2 + [(trading_time + timedelta(days=1)).date().isoformat()]
    await market.publish(
        [
            quote_at(symbol, trading_time + number * MINUTE, "100", volume, day)
            for number, (volume, day) in enumerate(zip(["500", "507", "3"], days, strict=True))
        ]
    )
    await market.pass_time(trading_time + 3 * MINUTE)
    candles = await market.candles_when_final(symbol, 3)
    assert [candle.volume for candle in candles] == [0, 7, 3]


async def test_a_minute_with_trades_and_quotes_is_told_by_its_trades(
    market: Market, trading_time: datetime, symbol: str
) -> None:
    await market.publish(
        [
            quote_at(symbol, trading_time, "50", "1000"),
            trade_at(symbol, trading_time + SECOND, 1, "100", "2"),
            quote_at(symbol, trading_time + 2 * SECOND, "150", "2000"),
        ]
    )
    await market.pass_time(trading_time + MINUTE)
    (candle,) = await market.candles_when_final(symbol, 1)
    assert {candle.open, candle.high, candle.low, candle.close, candle.vwap} == {Decimal(100)}
    assert candle.volume == 2
    assert candle.trade_count == 1
