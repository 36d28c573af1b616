"""Indicators of any parameters, by the classes of the job, and how far back each has to look.

A value of a moving window depends on the candles of the window alone. A recursive average depends on all
candles before it, by weights that fall geometrically: read back until the oldest weighs less than 2^-53, it
equals that of the whole series to the last digits of a float. `obv` counts from the first candle read.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from api.errors import InvalidRequestError
from stream_job.indicators.atr import Atr
from stream_job.indicators.bollinger import BollingerBands
from stream_job.indicators.catalogue import IndicatorDefinition, Unit, ValueDefinition
from stream_job.indicators.macd import Macd
from stream_job.indicators.moving_averages import Ema, Sma
from stream_job.indicators.obv import Obv
from stream_job.indicators.rsi import Rsi
from stream_job.indicators.stochastic import Stochastic
from stream_job.indicators.volatility import RealisedVolatility
from stream_job.indicators.vwap import DayVwap

LONGEST_PERIOD = 500
WIDEST = 10.0
FORGOTTEN = 2.0**-53
# Of a whole trading day, at the interval; and of the whole series.
DAY, ALL = -1, -2

Parameters = Mapping[str, float]


@dataclass(frozen=True)
class Computation:
    """An indicator with its parameters; ``looks_back`` is how many earlier candles it needs."""

    definition: IndicatorDefinition
    looks_back: int


@dataclass(frozen=True)
class _Type:
    defaults: Parameters
    make: Callable[[Parameters], Computation]


def defaults() -> dict[str, Parameters]:
    """Return every type of indicator with the parameters it takes, and their defaults."""
    return {name: kind.defaults for name, kind in _TYPES.items()}


def computation(name: str, given: Parameters) -> Computation:
    """Return an indicator of a type.

    Raises :class:`InvalidRequestError` for an unknown type, or a parameter that it does not take.
    """
    kind = _TYPES.get(name)
    if kind is None:
        raise InvalidRequestError(f"type: there is no {name!r}: choose one of {', '.join(_TYPES)}.")
    for parameter in given:
        if parameter not in kind.defaults:
            takes = f"takes {', '.join(kind.defaults)}" if kind.defaults else "takes no parameter"
            raise InvalidRequestError(f"{parameter}: type={name} {takes}: leave {parameter} out.")
    parameters = {**kind.defaults, **given}
    if name == "macd" and parameters["fast"] >= parameters["slow"]:
        raise InvalidRequestError(
            f"fast: {parameters['fast']:g} is not below slow, {parameters['slow']:g}: give a smaller one."
        )
    return kind.make(parameters)


def named(names: Sequence[str]) -> list[Computation]:
    """Return what computes the stored indicators of these names, each once."""
    return list(dict.fromkeys(_STORED[name] for name in names))


def _forgets(weight_of_newest: float) -> int:
    """How many candles it takes until what was before them weighs nothing in a float."""
    return math.ceil(math.log(FORGOTTEN) / math.log1p(-weight_of_newest)) if weight_of_newest < 1 else 1


def _of_ema(period: int) -> int:
    return period + _forgets(2 / (period + 1))


def _of_wilder(period: int) -> int:
    return period + 1 + _forgets(1 / period)


def _one(
    key: str, create: Callable[[], object], description: str, unit: Unit, warm_up: int
) -> IndicatorDefinition:
    value = ValueDefinition(key, description, unit, warm_up)
    return IndicatorDefinition(key, create, (value,))  # type: ignore[arg-type]


def _sma(given: Parameters) -> Computation:
    period = int(given["period"])
    text = f"Simple moving average of the last {period} closes"
    return Computation(_one(f"sma_{period}", lambda: Sma(period), text, Unit.PRICE, period - 1), period - 1)


def _ema(given: Parameters) -> Computation:
    period = int(given["period"])
    text = f"Exponential moving average of the close, smoothing 2 / ({period} + 1)"
    definition = _one(f"ema_{period}", lambda: Ema(period), text, Unit.PRICE, period - 1)
    return Computation(definition, _of_ema(period))


def _rsi(given: Parameters) -> Computation:
    period = int(given["period"])
    text = f"Wilder's relative strength index over {period} candles"
    definition = _one(f"rsi_{period}", lambda: Rsi.of(period), text, Unit.PERCENT, period)
    return Computation(definition, _of_wilder(period))


def _atr(given: Parameters) -> Computation:
    period = int(given["period"])
    text = f"Wilder's average true range, {period} candles"
    definition = _one(f"atr_{period}", lambda: Atr.of(period), text, Unit.PRICE_DIFFERENCE, period)
    return Computation(definition, _of_wilder(period))


def _volatility(given: Parameters) -> Computation:
    period = int(given["period"])
    if period < 2:
        raise InvalidRequestError("period: a deviation needs two returns: give a period of 2 or more.")
    text = f"Sample deviation of the last {period} log returns, a candle, not annualised"
    name = f"realised_volatility_{period}"
    definition = _one(name, lambda: RealisedVolatility(period), text, Unit.LOG_RETURN, period)
    return Computation(definition, period)


def _bollinger(given: Parameters) -> Computation:
    period, width = int(given["period"]), given["deviations"]
    texts = {
        "upper": f"sma_{period} plus {width:g} population deviations",
        "middle": f"sma_{period}, the bands' middle",
        "lower": f"sma_{period} less {width:g} population deviations",
    }
    values = tuple(
        ValueDefinition(f"bollinger_{place}_{period}", text, Unit.PRICE, period - 1)
        for place, text in texts.items()
    )
    definition = IndicatorDefinition("bollinger", lambda: BollingerBands.of(period, width), values)
    return Computation(definition, period - 1)


def _macd(given: Parameters) -> Computation:
    fast, slow, signal = (int(given[name]) for name in ("fast", "slow", "signal"))
    texts = {
        "macd": f"{fast}-candle EMA less {slow}-candle EMA",
        "macd_signal": f"{signal}-candle EMA of macd",
        "macd_histogram": "macd less macd_signal",
    }
    warm_up = slow + signal - 2
    values = tuple(
        ValueDefinition(name, text, Unit.PRICE_DIFFERENCE, warm_up) for name, text in texts.items()
    )
    definition = IndicatorDefinition("macd", lambda: Macd.of(fast, slow, signal), values)
    return Computation(definition, _of_ema(slow) + _of_ema(signal))


def _stochastic(given: Parameters) -> Computation:
    period, k_period, d_period = (int(given[name]) for name in ("period", "smoothing", "signal"))
    warm_up = period + k_period + d_period - 3
    texts = {
        f"stochastic_k_{period}": f"Place of the close in the {period}-candle range, {k_period}-smoothed",
        f"stochastic_d_{period}": f"{d_period}-candle simple average of stochastic_k_{period}",
    }
    values = tuple(ValueDefinition(name, text, Unit.PERCENT, warm_up) for name, text in texts.items())
    definition = IndicatorDefinition("stochastic", lambda: Stochastic.of(period, k_period, d_period), values)
    return Computation(definition, warm_up)


def _vwap_day(_: Parameters) -> Computation:
    text = "Volume-weighted average price of the trading day so far"
    return Computation(_one("vwap_day", DayVwap, text, Unit.PRICE, 0), DAY)


def _obv(_: Parameters) -> Computation:
    text = "On-balance volume since the first candle that was read"
    return Computation(_one("obv", Obv, text, Unit.VOLUME, 0), ALL)


_TYPES: dict[str, _Type] = {
    "sma": _Type({"period": 20}, _sma),
    "ema": _Type({"period": 20}, _ema),
    "rsi": _Type({"period": 14}, _rsi),
    "atr": _Type({"period": 14}, _atr),
    "realised_volatility": _Type({"period": 20}, _volatility),
    "bollinger": _Type({"period": 20, "deviations": 2.0}, _bollinger),
    "macd": _Type({"fast": 12, "slow": 26, "signal": 9}, _macd),
    "stochastic": _Type({"period": 14, "smoothing": 3, "signal": 3}, _stochastic),
    "vwap_day": _Type({}, _vwap_day),
    "obv": _Type({}, _obv),
}

_STORED = {
    value.name: made
    for made in (
        *(computation("sma", {"period": period}) for period in (20, 50, 200)),
        *(computation("ema", {"period": period}) for period in (12, 26, 50)),
        *(computation(name, {}) for name in _TYPES if name not in ("sma", "ema")),
    )
    for value in made.definition.values
}
