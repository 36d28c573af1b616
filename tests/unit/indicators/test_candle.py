"""What an indicator can be fed with."""

from decimal import Decimal

import msgspec
import pytest

from stream_job.indicators.candle import Candle
from tests.unit.indicators.candles import MONDAY, candle


def test_exact_decimals_become_the_nearest_floats() -> None:
    exact = Candle.from_exact(
        bucket_start=0,
        trading_day=MONDAY,
        open=Decimal("0.100000000000000000"),
        high="0.3",
        low=Decimal("0.1"),
        close="0.2",
        volume="0",
        vwap=None,
        revision=5,
    )

    assert exact == Candle(0, MONDAY, 0.1, 0.3, 0.1, 0.2, 0.0, None, 5)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("low", 0.0),
        ("low", -1.0),
        ("high", 1.0),
        ("high", float("inf")),
        ("open", float("nan")),
        ("close", float("nan")),
        ("close", 1e9),
        ("volume", -1.0),
        ("volume", float("nan")),
        ("vwap", 0.0),
        ("vwap", float("nan")),
    ],
)
def test_a_candle_that_would_poison_every_later_value_is_refused(field: str, value: float) -> None:
    with pytest.raises(ValueError, match="cannot feed an indicator"):
        msgspec.structs.replace(candle(0, 100.0), **{field: value})
