"""A million candles leave no drift behind."""

import math
from itertools import chain, pairwise, repeat

import msgspec
import pytest

from stream_job.indicators.atr import Atr
from stream_job.indicators.candle import Candle
from stream_job.indicators.moving_averages import Ema
from stream_job.indicators.obv import Obv
from stream_job.indicators.rsi import Rsi
from tests.unit.indicators.candles import definition, walk

WINDOWED = ("sma_20", "sma_50", "sma_200", "bollinger_20_2", "stochastic_14_3_3", "realised_volatility_20")


def _million() -> tuple[list[Candle], chain[Candle]]:
    cycle = walk(1000)
    return cycle, chain.from_iterable(repeat(cycle, 1000))


def test_obv_of_a_million_fractional_volumes_is_their_exact_sum() -> None:
    cycle, million = _million()
    obv = Obv()
    for candle in million:
        value = obv.update(candle)

    signed = [math.copysign(new.volume, new.close - old.close) for old, new in pairwise([*cycle, cycle[0]])]
    exact = math.fsum(chain([cycle[0].volume], chain.from_iterable(repeat(signed, 1000)), [-signed[-1]]))
    assert value == pytest.approx(exact, rel=1e-15)


def test_recursive_averages_of_a_million_candles_stay_in_their_cycle() -> None:
    cycle, million = _million()
    ema, rsi, atr = Ema(50), Rsi.of(14), Atr.of(14)
    settled = tuple[float | None, ...]()
    for number, candle in enumerate(million, start=1):
        values = (ema.update(candle), rsi.update(candle), atr.update(candle))
        if number == 10 * len(cycle):
            settled = values

    assert values == pytest.approx(settled, rel=1e-13)


@pytest.mark.parametrize("key", WINDOWED)
def test_a_windowed_value_depends_on_its_window_alone_whatever_came_before(key: str) -> None:
    windowed = definition(key)
    window = walk(windowed.values[0].warm_up + 1, start=1e-6, first_minute=5000)
    huge = walk(5000, start=1e9)
    after_history, fresh = windowed.create(), windowed.create()
    for candle in chain(huge, window):
        value = after_history.update(candle)
    for candle in window:
        expected = fresh.update(candle)

    assert expected is not None
    assert value == expected


def test_bands_of_a_high_price_that_hardly_moves_keep_their_digits() -> None:
    bands = definition("bollinger_20_2").create()
    flat = walk(1)[0]
    for number in range(20):
        price = 1e6 + (number % 2) * 2e-6
        value = bands.update(msgspec.structs.replace(flat, open=price, high=price, low=price, close=price))

    assert isinstance(value, tuple)
    assert value[0] - value[2] == pytest.approx(4e-6, rel=1e-4)
