"""The indicators that candles come to when they are computed from the first one on."""

from datetime import datetime

from producer.events import to_micros
from stream_job.indicators.candle import Candle as IndicatorCandle
from stream_job.indicators.indicator_set import IndicatorSet
from tests.integration.stream_job.reference import Candle

Values = dict[tuple[datetime, str], float | None]


def from_scratch(candles: list[Candle]) -> Values:
    """Every value by the start of its candle and its name, of candles that are in order."""
    indicators = IndicatorSet()
    return {
        (candle.bucket_start, name): value
        for candle in candles
        for name, value in indicators.update(_as_indicators_read(candle)).items()
    }


def _as_indicators_read(candle: Candle) -> IndicatorCandle:
    return IndicatorCandle.from_exact(
        bucket_start=to_micros(candle.bucket_start),
        trading_day=candle.bucket_start.date(),
        open=candle.open,
        high=candle.high,
        low=candle.low,
        close=candle.close,
        volume=candle.volume,
        vwap=candle.vwap,
        revision=1,
    )
