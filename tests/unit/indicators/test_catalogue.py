"""The names that tables, charts and queries rely on."""

import inspect

import pytest

from stream_job.indicators.catalogue import CATALOGUE, VALUES, IndicatorDefinition
from stream_job.indicators.indicator_set import IndicatorSet
from tests.unit.indicators.candles import walk


def test_names_are_stable() -> None:
    assert list(VALUES) == [
        "sma_20",
        "sma_50",
        "sma_200",
        "ema_12",
        "ema_26",
        "ema_50",
        "rsi_14",
        "macd",
        "macd_signal",
        "macd_histogram",
        "bollinger_upper_20",
        "bollinger_middle_20",
        "bollinger_lower_20",
        "atr_14",
        "vwap_day",
        "obv",
        "stochastic_k_14",
        "stochastic_d_14",
        "realised_volatility_20",
    ]


def test_a_set_computes_exactly_the_values_of_the_catalogue_in_its_order() -> None:
    indicators = IndicatorSet()
    first, *_, last = [indicators.update(candle) for candle in walk(200)]

    assert list(first) == list(last) == list(VALUES)
    assert {name for name, value in first.items() if value is None} == {
        name for name, value in VALUES.items() if value.warm_up > 0
    }
    assert None not in last.values()


def test_keys_of_saved_states_are_unique() -> None:
    assert len({definition.key for definition in CATALOGUE}) == len(CATALOGUE)


@pytest.mark.parametrize("definition", CATALOGUE, ids=lambda definition: definition.key)
def test_every_indicator_states_its_definition_and_its_source(definition: IndicatorDefinition) -> None:
    documentation = inspect.getdoc(type(definition.create()))

    assert documentation is not None
    assert "Source: " in documentation
