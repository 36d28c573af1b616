"""Every indicator value that Candlewick computes: its name, meaning, unit and warm-up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from types import MappingProxyType

from stream_job.indicators.atr import Atr
from stream_job.indicators.bollinger import BollingerBands
from stream_job.indicators.indicator import Indicator
from stream_job.indicators.macd import Macd
from stream_job.indicators.moving_averages import Ema, Sma
from stream_job.indicators.obv import Obv
from stream_job.indicators.rsi import Rsi
from stream_job.indicators.stochastic import Stochastic
from stream_job.indicators.volatility import RealisedVolatility
from stream_job.indicators.vwap import DayVwap


class Unit(StrEnum):
    """What a value is measured in, and so which values share an axis."""

    PRICE = "price"  # on the price axis
    PRICE_DIFFERENCE = "price difference"  # in units of price, around or above 0
    PERCENT = "percent"  # 0 to 100
    VOLUME = "volume"  # in units of volume, of either sign
    LOG_RETURN = "log return"  # a fraction a candle, not annualised


@dataclass(frozen=True, slots=True)
class ValueDefinition:
    """One named value. `warm_up` is the number of candles of a series that have no value yet."""

    name: str
    description: str
    unit: Unit
    warm_up: int


@dataclass(frozen=True, slots=True)
class IndicatorDefinition:
    """How to make one indicator afresh, and the values it yields, in its order.

    `key` names its saved state, and so includes every parameter: other parameters are another indicator.
    """

    key: str
    create: Callable[[], Indicator]
    values: tuple[ValueDefinition, ...]


def _sma(period: int) -> IndicatorDefinition:
    name = f"sma_{period}"
    description = f"Simple moving average of the last {period} closes"
    return IndicatorDefinition(
        name, partial(Sma, period), (ValueDefinition(name, description, Unit.PRICE, period - 1),)
    )


def _ema(period: int) -> IndicatorDefinition:
    name = f"ema_{period}"
    description = f"Exponential moving average of the close, smoothing 2 / ({period} + 1)"
    return IndicatorDefinition(
        name, partial(Ema, period), (ValueDefinition(name, description, Unit.PRICE, period - 1),)
    )


CATALOGUE: tuple[IndicatorDefinition, ...] = (
    _sma(20),
    _sma(50),
    _sma(200),
    _ema(12),
    _ema(26),
    _ema(50),
    IndicatorDefinition(
        "rsi_14",
        partial(Rsi.of, 14),
        (ValueDefinition("rsi_14", "Wilder's relative strength index over 14 candles", Unit.PERCENT, 14),),
    ),
    IndicatorDefinition(
        "macd_12_26_9",
        partial(Macd.of, 12, 26, 9),
        (
            ValueDefinition("macd", "12-candle EMA less 26-candle EMA", Unit.PRICE_DIFFERENCE, 33),
            ValueDefinition("macd_signal", "9-candle EMA of macd", Unit.PRICE_DIFFERENCE, 33),
            ValueDefinition("macd_histogram", "macd less macd_signal", Unit.PRICE_DIFFERENCE, 33),
        ),
    ),
    IndicatorDefinition(
        "bollinger_20_2",
        partial(BollingerBands.of, 20, 2.0),
        (
            ValueDefinition("bollinger_upper_20", "sma_20 plus 2 population deviations", Unit.PRICE, 19),
            ValueDefinition("bollinger_middle_20", "sma_20, the bands' middle", Unit.PRICE, 19),
            ValueDefinition("bollinger_lower_20", "sma_20 less 2 population deviations", Unit.PRICE, 19),
        ),
    ),
    IndicatorDefinition(
        "atr_14",
        partial(Atr.of, 14),
        (ValueDefinition("atr_14", "Wilder's average true range, 14 candles", Unit.PRICE_DIFFERENCE, 14),),
    ),
    IndicatorDefinition(
        "vwap_day",
        DayVwap,
        (
            ValueDefinition(
                "vwap_day", "Volume-weighted average price of the trading day so far", Unit.PRICE, 0
            ),
        ),
    ),
    IndicatorDefinition(
        "obv",
        Obv,
        (ValueDefinition("obv", "On-balance volume since the series began", Unit.VOLUME, 0),),
    ),
    IndicatorDefinition(
        "stochastic_14_3_3",
        partial(Stochastic.of, 14, 3, 3),
        (
            ValueDefinition(
                "stochastic_k_14", "Place of the close in the 14-candle range, 3-smoothed", Unit.PERCENT, 17
            ),
            ValueDefinition(
                "stochastic_d_14", "3-candle simple average of stochastic_k_14", Unit.PERCENT, 17
            ),
        ),
    ),
    IndicatorDefinition(
        "realised_volatility_20",
        partial(RealisedVolatility, 20),
        (
            ValueDefinition(
                "realised_volatility_20",
                "Sample deviation of the last 20 log returns, a candle, not annualised",
                Unit.LOG_RETURN,
                20,
            ),
        ),
    ),
)

VALUES: Mapping[str, ValueDefinition] = MappingProxyType(
    {value.name: value for definition in CATALOGUE for value in definition.values}
)
"""Every value by its name, in the order of the catalogue."""
