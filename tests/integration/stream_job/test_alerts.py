"""Alert rules that come and go while the job runs, decided once a crossing, also through a kill."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from producer.events import MarketEvent, to_datetime
from tests.integration.stream_job import alert_reference as reference
from tests.integration.stream_job.alerts import Alerts, Fired
from tests.integration.stream_job.cluster import Cluster
from tests.integration.stream_job.generated import MINUTE, disordered, trade_at, trades
from tests.integration.stream_job.market import Market
from tests.integration.stream_job.waiting import eventually, until_equal
from tests.stack import RunningStack

pytestmark = pytest.mark.timeout(600)

MINUTES = 60
LEVEL = Decimal("249.7")
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


@pytest.fixture
async def alerts(market: Market, stack: RunningStack, trading_time: datetime) -> AsyncIterator[Alerts]:
    with closing(stack.psycopg("market_writer")) as database:
        alerts = Alerts(database, market, trading_time)
        yield alerts
        alerts.remove()


async def test_each_crossing_is_told_once_through_a_kill_of_the_taskmanager(
    market: Market, alerts: Alerts, cluster: Cluster, trading_time: datetime, symbol: str
) -> None:
    job = await cluster.next_job()
    cross, move, threshold, averages, spike = await alerts.in_force(
        (symbol, "price_cross", None, {"price": str(LEVEL), "direction": "both", "hysteresis": "0.15"}),
        (symbol, "percent_move", None, {"percent": "0.2", "window_minutes": 5, "direction": "up"}),
        (symbol, "indicator_threshold", "1m", {"indicator": "rsi_14", "threshold": 55, "direction": "up"}),
        (symbol, "indicator_cross", "1m", {"indicator": "ema_12", "other": "ema_26", "direction": "both"}),
        (symbol, "volume_spike", "1m", {"ratio": "1.3", "candles": 5}),
    )
    events = disordered(trades(symbol, trading_time, minutes=MINUTES, per_minute=12, seed=7))
    third = len(events) // 3
    await market.publish(events[:third])
    await eventually(lambda: alerts.fired(cross), bool)
    await cluster.checkpoint(job)
    delivered = alerts.deliver(cross)
    publishing = asyncio.create_task(_publish_slowly(market, events[third:]))
    await eventually(lambda: len(alerts.fired(cross)), lambda count: count > delivered)
    cluster.kill("TaskManagerRunner")
    await publishing
    await market.pass_time(trading_time + MINUTES * MINUTE)
    await market.candles_when_final(symbol, MINUTES)

    prices = [
        (to_datetime(event.event_time), event.price)
        for event in sorted(events, key=lambda event: (event.event_time, event.sequence))
        if event.price is not None
    ]
    ups = reference.rises_through(prices, LEVEL, Decimal("0.15"))
    downs = reference.falls_through(prices, LEVEL, Decimal("0.15"))
    await until_equal(lambda: alerts.fired(cross), _fired(sorted(ups + downs)))
    moves = reference.moves_up(prices, Decimal("0.2"), 5 * MINUTE, Decimal(0))
    await until_equal(lambda: [time for time, _ in alerts.fired(move)], [time for time, _ in moves])
    volumes = [(candle.bucket_start + MINUTE, candle.volume) for candle in market.candles(symbol)]
    await until_equal(lambda: alerts.fired(spike), _fired(reference.spikes(volumes, Decimal("1.3"), 5)))
    values = await eventually(
        lambda: market.indicators(symbol, "1m"),
        lambda found: (trading_time + (MINUTES - 1) * MINUTE, "ema_26") in found,
    )
    strength = _ends_of(values, "rsi_14")
    await until_equal(lambda: alerts.fired(threshold), reference.rises_through(strength, 55.0, 0.0))
    slow = dict(_ends_of(values, "ema_26"))
    fast = [(end, value) for end, value in _ends_of(values, "ema_12") if end in slow]
    above = [(end, value - slow[end]) for end, value in fast]
    crossings = reference.rises_through(above, 0.0, 0.0) + reference.falls_through(above, 0.0, 0.0)
    await until_equal(lambda: [end for end, _ in alerts.fired(averages)], sorted(end for end, _ in crossings))
    kinds = (cross, move, threshold, averages, spike)
    assert min(len(alerts.fired(rule)) for rule in kinds) > 0, "every kind has had something to tell"
    assert alerts.delivered(cross) == delivered


async def test_a_rule_that_is_switched_off_does_not_fire_and_starts_afresh_when_it_is_on_again(
    market: Market, alerts: Alerts, trading_time: datetime, new_symbol: Callable[[], str]
) -> None:
    symbol = new_symbol()
    (rule,) = await alerts.in_force((symbol, "price_cross", None, {"price": "10", "direction": "up"}))
    await _cross(market, symbol, trading_time)
    await eventually(lambda: alerts.fired(rule), bool)
    await alerts.switch(rule, is_enabled=False, moment=trading_time + MINUTE)
    await _cross(market, symbol, trading_time + 3 * HOUR)
    # What the job reads after the rule is on again would be decided on.
    await eventually(lambda: market.snapshots(symbol), lambda rows: len(rows) == 6)
    await alerts.switch(rule, is_enabled=True, moment=trading_time + 3 * HOUR + MINUTE)
    later = trading_time + 6 * HOUR
    await market.publish([trade_at(symbol, later, 5, "11"), trade_at(symbol, later + SECOND, 6, "12")])
    await _cross(market, symbol, later + MINUTE)
    expected = [(trading_time + SECOND, 11.0), (later + MINUTE + SECOND, 11.0)]
    await until_equal(lambda: alerts.fired(rule), expected)


async def test_a_rule_that_cannot_be_read_does_not_keep_others_from_firing(
    market: Market, alerts: Alerts, trading_time: datetime, new_symbol: Callable[[], str]
) -> None:
    symbol = new_symbol()
    bad, good = await alerts.in_force(
        (symbol, "price_cross", None, {"price": "a lot", "direction": "up"}),
        (symbol, "price_cross", None, {"price": "10", "direction": "up"}),
    )
    await _cross(market, symbol, trading_time)
    await until_equal(lambda: alerts.fired(good), [(trading_time + SECOND, 11.0)])
    assert alerts.fired(bad) == []


async def test_a_feed_is_silent_when_the_market_goes_on_without_it(
    market: Market, alerts: Alerts, trading_time: datetime, symbol: str
) -> None:
    (rule,) = await alerts.in_force((symbol, "feed_silent", None, {"minutes": 10}))
    await market.publish([trade_at(symbol, trading_time, 1)])
    await market.pass_time(trading_time + 11 * MINUTE)
    await until_equal(lambda: alerts.fired(rule), [(trading_time + 10 * MINUTE, 10.0)])
    await market.publish([trade_at(symbol, trading_time + 12 * MINUTE, 2)])
    await market.pass_time(trading_time + 23 * MINUTE)
    twice = [(trading_time + minutes * MINUTE, 10.0) for minutes in (10, 22)]
    await until_equal(lambda: alerts.fired(rule), twice)


async def _cross(market: Market, symbol: str, moment: datetime) -> None:
    """Let the price rise through 10, and the time go on so that it is decided."""
    prices = ("9", "11", "12")
    offsets = (timedelta(0), SECOND, 10 * SECOND)
    await market.publish(
        [
            trade_at(symbol, moment + offset, number, price)
            for number, (offset, price) in enumerate(zip(offsets, prices, strict=True))
        ]
    )


async def _publish_slowly(market: Market, events: list[MarketEvent]) -> None:
    """Publish in small messages, so that much is still to come when a test intervenes."""
    for start in range(0, len(events), 5):
        await market.publish(events[start : start + 5])
        await asyncio.sleep(0.02)


def _ends_of(values: dict[tuple[datetime, str], float | None], name: str) -> list[tuple[datetime, float]]:
    """The values of an indicator that are defined, by the end of their minute."""
    return [
        (start + MINUTE, value)
        for (start, indicator), value in sorted(values.items())
        if indicator == name and value is not None
    ]


def _fired(series: list[tuple[datetime, Decimal]]) -> Fired:
    return [(time, float(value)) for time, value in series]
