"""How closely the indicators agree with TA-Lib: `python -m benchmarks.indicator_agreement`.

The series are real daily bars of thirteen years (bokeh_sampledata's stocks) and generated minutes. TA-Lib has
no VWAP of the day and no realised volatility: their reference is a computation in numpy.
"""

import argparse
import csv
import datetime
import gzip
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import talib
from bokeh_sampledata import package_path

from stream_job.indicators.candle import Candle
from stream_job.indicators.catalogue import VALUES
from stream_job.indicators.indicator_set import IndicatorSet

MINUTE = 60_000_000
DAY = 1440 * MINUTE
EPOCH = datetime.date(1970, 1, 1)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Agreement:
    """One value over one series, beside its reference.

    `error` is the largest relative error, infinite where only one of the two has a value; the warm-ups are
    numbers of candles before the first value.
    """

    error: float
    warm_up: int
    reference_warm_up: int


def daily_bars(ticker: str) -> list[Candle]:
    """Read one stock's real daily bars, 2000 to 2013, unadjusted; a bar's own vwap is unknown."""
    with gzip.open(package_path("stocks.csv.gz"), "rt", newline="") as file:
        return [
            Candle.from_exact(
                bucket_start=(datetime.date.fromisoformat(row["Date"]) - EPOCH).days * DAY,
                trading_day=datetime.date.fromisoformat(row["Date"]),
                open=row["Open"],
                high=row["High"],
                low=row["Low"],
                close=row["Close"],
                volume=row["Volume"],
                vwap=None,
                revision=1,
            )
            for row in csv.DictReader(file)
            if row["Ticker"] == ticker
        ]


def generated_minutes(price: float, move: float, count: int = 3000) -> list[Candle]:
    """Make minutes of a random walk, with gaps, minutes without volume, and a new day each 1,440 minutes."""
    randomness = random.Random(f"{price} {move}")  # noqa: S311 - a repeatable walk, no secret
    candles: list[Candle] = []
    minute = 0
    for _ in range(count):
        minute += 1 if randomness.random() < 0.95 else randomness.randint(2, 30)
        opened, price = price, price * (1.0 + randomness.gauss(0.0, move))
        high = max(opened, price) * (1.0 + abs(randomness.gauss(0.0, move)))
        low = min(opened, price) / (1.0 + abs(randomness.gauss(0.0, move)))
        volume = 0.0 if randomness.random() < 0.05 else randomness.expovariate(0.1)
        vwap = None if volume == 0.0 else randomness.uniform(low, high)
        day = EPOCH + datetime.timedelta(days=minute // 1440)
        candles.append(Candle(minute * MINUTE, day, opened, high, low, price, volume, vwap, 1))
    return candles


SERIES: Mapping[str, Callable[[], list[Candle]]] = {
    **{ticker: partial(daily_bars, ticker) for ticker in ("AAPL", "FB", "GOOG", "IBM", "MSFT")},
    "at 100": partial(generated_minutes, 100.0, 1e-3),
    "at 60,000": partial(generated_minutes, 60_000.0, 1e-4),
    "at 1e-5": partial(generated_minutes, 1e-5, 1e-2),
}
"""How to make each series: daily bars by ticker, generated minutes by the price that they begin at."""


def computed(candles: list[Candle]) -> dict[str, Floats]:
    """Compute every value of the catalogue incrementally; NaN for None."""
    indicators = IndicatorSet()
    rows = [indicators.update(candle) for candle in candles]
    return {name: np.array([row[name] for row in rows], dtype=np.float64) for name in VALUES}


def reference(candles: list[Candle]) -> dict[str, Floats]:
    """Compute every value of the catalogue by TA-Lib, or numpy; NaN where it has none."""
    high, low, close, volume = (
        np.array([getattr(candle, field) for candle in candles])
        for field in ("high", "low", "close", "volume")
    )
    macd, signal, histogram = talib.MACD(close, 12, 26, 9)
    upper, middle, lower = talib.BBANDS(close, 20, 2.0, 2.0)
    k, d = talib.STOCH(high, low, close, fastk_period=14, slowk_period=3, slowd_period=3)
    return {
        **{f"sma_{period}": talib.SMA(close, period) for period in (20, 50, 200)},
        **{f"ema_{period}": talib.EMA(close, period) for period in (12, 26, 50)},
        "rsi_14": talib.RSI(close, 14),
        "macd": macd,
        "macd_signal": signal,
        "macd_histogram": histogram,
        "bollinger_upper_20": upper,
        "bollinger_middle_20": middle,
        "bollinger_lower_20": lower,
        "atr_14": talib.ATR(high, low, close, 14),
        "vwap_day": _day_vwap(candles, high, low, close, volume),
        "obv": talib.OBV(close, volume),
        "stochastic_k_14": k,
        "stochastic_d_14": d,
        "realised_volatility_20": _realised_volatility(close, 20),
    }


def _day_vwap(candles: list[Candle], high: Floats, low: Floats, close: Floats, volume: Floats) -> Floats:
    own = np.array([candle.vwap for candle in candles], dtype=np.float64)
    turnover = np.where(np.isnan(own), (high + low + close) / 3.0, own) * volume
    days = np.array([candle.trading_day.toordinal() for candle in candles])
    result = np.full(len(candles), np.nan)
    for day in np.unique(days):
        within = days == day
        traded = np.cumsum(volume[within])
        np.divide(
            np.cumsum(turnover[within]), traded, out=(part := np.full(len(traded), np.nan)), where=traded > 0
        )
        result[within] = part
    return result


def _realised_volatility(close: Floats, period: int) -> Floats:
    windows = np.lib.stride_tricks.sliding_window_view(np.diff(np.log(close)), period)
    return np.concatenate([np.full(period, np.nan), windows.std(axis=1, ddof=1)])


def _agreement(values: Floats, expected: Floats) -> Agreement:
    with np.errstate(divide="ignore", invalid="ignore"):
        errors = np.abs(values - expected) / np.abs(expected)
    errors[(values == expected) | (np.isnan(values) & np.isnan(expected))] = 0.0
    errors[np.isnan(values) != np.isnan(expected)] = np.inf
    return Agreement(float(errors.max()), _warm_up(values), _warm_up(expected))


def _warm_up(values: Floats) -> int:
    return int(np.argmin(np.append(np.isnan(values), False)))


def agreements(candles: list[Candle]) -> dict[str, Agreement]:
    """Compare every value of the catalogue with its reference."""
    expected = reference(candles)
    return {name: _agreement(values, expected[name]) for name, values in computed(candles).items()}


def main() -> None:
    """Print the largest relative error of each value over each series, and the warm-ups."""
    columns = {series: agreements(make()) for series, make in SERIES.items()}
    print("Largest relative error; warm-up in candles, ours/reference, over AAPL's daily bars")
    print(f"{'':24}{'warm-up':>9}", *(f"{series:>9}" for series in columns))
    for name in VALUES:
        first = columns["AAPL"][name]
        errors = (f"{column[name].error:9.1e}" for column in columns.values())
        print(f"{name:24}{f'{first.warm_up}/{first.reference_warm_up}':>9}", *errors)


if __name__ == "__main__":
    argparse.ArgumentParser("python -m benchmarks.indicator_agreement", description=__doc__).parse_args()
    main()
