"""The simulated market is a pure function of seed, symbol and time."""

from __future__ import annotations

import itertools
import math
import random
import statistics
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from producer.providers.simulator.market import Print, SimulatedSymbol

NOW = int(datetime(2026, 1, 5, 15, tzinfo=UTC).timestamp())
seconds = st.integers(min_value=NOW - 10**8, max_value=NOW + 10**8)


@given(st.integers(0, 2**32), st.sampled_from(["BTC-USD.SIM", "AAPL.SIM", "XYZ.SIM"]), seconds)
def test_equal_arguments_give_equal_trades(seed: int, symbol: str, second: int) -> None:
    earlier = SimulatedSymbol(seed, symbol, 5.0)
    assert earlier.trades(second) == SimulatedSymbol(seed, symbol, 5.0).trades(second)


@given(seconds)
def test_trades_of_a_second_lie_in_it_in_order_with_growing_sequences(second: int) -> None:
    trades = SimulatedSymbol(42, "BTC-USD.SIM", 20.0).trades(second)
    times = [fill.event_time for fill in trades]
    assert times == sorted(times)
    assert all(second * 1_000_000 <= time < (second + 1) * 1_000_000 for time in times)
    sequences = [fill.sequence for fill in trades]
    assert sequences == sorted(set(sequences))


@given(seconds, st.floats(0.01, 900))
def test_prices_and_sizes_are_what_the_job_accepts(second: int, rate: float) -> None:
    for fill in SimulatedSymbol(7, "PENNY-USD.SIM", rate).trades(second):
        assert fill.price > 0
        assert fill.size > 0
        for number in (fill.price, fill.size):
            exponent = number.as_tuple().exponent
            assert isinstance(exponent, int)
            assert exponent >= -18


def test_sequences_grow_from_second_to_second() -> None:
    sequences = [fill.sequence for fill in _minutes(SimulatedSymbol(1, "A.SIM", 900.0), 0.2)]
    assert sequences == sorted(set(sequences))


def test_the_order_of_asking_makes_no_difference() -> None:
    market, other = SimulatedSymbol(42, "ETH-USD.SIM", 4.0), SimulatedSymbol(42, "ETH-USD.SIM", 4.0)
    order = list(range(NOW, NOW + 60))
    forwards = {second: market.trades(second) for second in order}
    random.Random(3).shuffle(order)
    assert {second: other.trades(second) for second in order} == forwards


def test_seeds_and_symbols_have_markets_of_their_own() -> None:
    first = _minutes(SimulatedSymbol(1, "BTC-USD.SIM", 4.0), 1)
    assert first != _minutes(SimulatedSymbol(2, "BTC-USD.SIM", 4.0), 1)
    assert first != _minutes(SimulatedSymbol(1, "SOL-USD.SIM", 4.0), 1)


@settings(max_examples=20)
@given(seconds)
def test_the_price_is_continuous_from_second_to_second(second: int) -> None:
    fills = [
        fill for step in range(5) for fill in SimulatedSymbol(42, "BTC-USD.SIM", 10.0).trades(second + step)
    ]
    for before, after in itertools.pairwise(fills):
        assert abs(math.log(after.price / before.price)) < 0.01


def test_prices_wander_about_the_usual_level_of_the_symbol() -> None:
    market = SimulatedSymbol(42, "BTC-USD.SIM", 1.0)
    days = [fills[0].price for day in range(200) if (fills := market.trades(NOW + day * 86_400))]
    assert 30_000 < statistics.median(days) < 130_000


def test_the_rate_of_trades_is_about_the_one_asked_for_over_a_week() -> None:
    market = SimulatedSymbol(42, "AAPL.SIM", 4.0)
    counts = [len(market.trades(NOW + second)) for second in range(0, 7 * 86_400, 601)]
    assert 2 < statistics.mean(counts) < 8


def test_volatility_comes_in_clusters() -> None:
    market = SimulatedSymbol(42, "BTC-USD.SIM", 2.0)
    closes = [
        fills[-1].price
        for minute in range(2_000)
        if (fills := [fill for s in range(4) for fill in market.trades(NOW + 60 * minute + s)])
    ]
    moves = [abs(math.log(after / before)) for before, after in itertools.pairwise(closes)]
    assert statistics.correlation(moves[:-5], moves[5:]) > 0.1


def _minutes(market: SimulatedSymbol, minutes: float) -> list[Print]:
    return [fill for second in range(int(minutes * 60)) for fill in market.trades(NOW + second)]
