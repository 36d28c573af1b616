"""The extremes of the event contract: what the job lets in, the tables take."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from producer.events import encode_events
from tests.integration.stream_job.generated import MINUTE, trade_at
from tests.integration.stream_job.market import Market
from tests.integration.stream_job.waiting import eventually

LARGEST = "99999999999999999999.999999999999999999"
SMALLEST = "0.000000000000000001"


async def test_the_largest_and_the_smallest_numbers_make_a_candle(
    market: Market, trading_time: datetime, symbol: str
) -> None:
    await market.publish(
        [
            trade_at(symbol, trading_time, 1, LARGEST, SMALLEST),
            trade_at(symbol, trading_time, 2, SMALLEST, LARGEST),
            trade_at(symbol, trading_time, 3, LARGEST, LARGEST),
            trade_at(symbol, trading_time + MINUTE, 4, LARGEST, "0"),
        ]
    )
    await market.pass_time(trading_time + 2 * MINUTE)
    first, second = await market.candles_when_final(symbol, 2)
    assert (first.high, first.low) == (Decimal(LARGEST), Decimal(SMALLEST))
    # Their sum is more than the column holds: it stays at the most that there is.
    assert first.volume == Decimal(LARGEST)
    assert second.vwap is None
    assert second.volume == 0


@pytest.mark.parametrize(
    "change",
    [
        {"event_id": "🕯" * 128},
        {"event_id": "\\N\\.\\t'\"%s"},
        {"source": "\\"},
        {"sequence": -(2**63)},
        {"sequence": 2**63 - 1},
        {"bid": Decimal("-" + LARGEST), "ask": Decimal(0), "market_cap": Decimal(LARGEST)},
    ],
    ids=[
        "long id",
        "id of escapes",
        "source of one",
        "least sequence",
        "highest sequence",
        "numbers",
    ],
)
async def test_an_extreme_event_is_in_the_snapshots(
    market: Market, trading_time: datetime, symbol: str, change: dict[str, object]
) -> None:
    event = msgspec.structs.replace(trade_at(symbol, trading_time, 1), **change)
    await market.publish([event])
    ((event_id, *_),) = await eventually(lambda: market.snapshots(symbol), lambda rows: len(rows) == 1)
    assert event_id == event.event_id


@pytest.mark.parametrize("days", [-13, 13], ids=["before", "after"])
async def test_a_trading_day_may_be_almost_two_weeks_from_the_event(
    market: Market, trading_time: datetime, symbol: str, days: int
) -> None:
    trading_day = (trading_time + timedelta(days=days)).date().isoformat()
    event = msgspec.structs.replace(trade_at(symbol, trading_time, 1), trading_day=trading_day)
    await market.publish([event])
    await eventually(lambda: market.snapshots(symbol), lambda rows: len(rows) == 1)


async def test_text_that_is_no_unicode_takes_nothing_else_with_it(
    market: Market, trading_time: datetime, symbol: str
) -> None:
    body = encode_events([trade_at(symbol, trading_time, 1), trade_at(symbol, trading_time, 2)])
    half_a_character = body.replace(f"{symbol}:1".encode(), rb"\ud83d")
    await market.publish_message(market.queue_of(symbol), half_a_character)
    await eventually(lambda: market.snapshots(symbol), lambda rows: len(rows) == 2)


async def test_an_event_of_the_first_day_that_is_allowed_is_kept(
    market: Market, trading_time: datetime, symbol: str
) -> None:
    first = datetime(2000, 1, 1, tzinfo=UTC)
    await market.publish([trade_at(symbol, first, 1), trade_at(symbol, trading_time, 2)])
    rows = await eventually(lambda: market.snapshots(symbol), lambda rows: len(rows) == 2)
    assert {moment for _, moment, *_ in rows} == {first, trading_time}
