"""The indicators agree with TA-Lib, or numpy where TA-Lib has no such value."""

import pytest

from benchmarks.indicator_agreement import SERIES, agreements
from stream_job.indicators.catalogue import VALUES
from stream_job.indicators.indicator_set import IndicatorSet


@pytest.mark.parametrize("series", SERIES)
def test_every_value_agrees_to_1e_9_relative(series: str) -> None:
    found = {name: agreement.error for name, agreement in agreements(SERIES[series]()).items()}

    assert found.keys() == VALUES.keys()
    assert {name: error for name, error in found.items() if not error <= 1e-9} == {}


def test_warm_ups_are_those_of_the_reference_and_of_the_catalogue() -> None:
    found = agreements(SERIES["AAPL"]())

    assert {name: agreement.warm_up for name, agreement in found.items()} == {
        name: agreement.reference_warm_up for name, agreement in found.items()
    }
    assert {name: agreement.warm_up for name, agreement in found.items()} == {
        name: value.warm_up for name, value in VALUES.items()
    }


def test_real_daily_bars_are_the_documented_ones() -> None:
    bars = SERIES["AAPL"]()

    assert len(bars) == 3270
    assert (str(bars[0].trading_day), bars[0].close) == ("2000-03-01", 130.31)
    assert str(bars[-1].trading_day) == "2013-03-01"


def test_a_day_of_real_bars_has_every_value_in_a_plausible_place() -> None:
    indicators = IndicatorSet()
    for bar in SERIES["IBM"]():
        values = indicators.update(bar)

    lower, middle, upper = (values[f"bollinger_{band}_20"] for band in ("lower", "middle", "upper"))
    assert lower is not None
    assert middle is not None
    assert upper is not None
    assert lower < middle < upper
    assert middle == values["sma_20"]
