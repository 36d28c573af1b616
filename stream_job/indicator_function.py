"""The operator that keeps the indicators of each series, in Flink's state.

It sees final candles, never ticks: a symbol has one a minute, and a few more for the longer intervals.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Final

from pyflink.common import Row, Types
from pyflink.datastream import KeyedProcessFunction, RuntimeContext
from pyflink.datastream.state import ValueStateDescriptor

from stream_job.indicators.candle import Candle
from stream_job.indicators.series import IndicatorSeries, NotRecomputable

INDICATOR_VALUES: Final = Types.ROW_NAMED(
    ["symbol", "interval", "bucket_start", "revision", "names", "values"],
    [
        Types.STRING(),
        Types.STRING(),
        Types.LONG(),
        Types.LONG(),
        Types.OBJECT_ARRAY(Types.STRING()),
        Types.OBJECT_ARRAY(Types.DOUBLE()),
    ],
)
"""The values of one candle: arrays of names and, each at its name's place, of values or null."""

_EPOCH: Final = date(1970, 1, 1)


def series_of(candle: Row) -> str:
    """The series that a final candle belongs to: the key of the operator."""
    return f"{candle.interval} {candle.symbol}"


class IndicatorFunction(KeyedProcessFunction):  # type: ignore[misc]  # PyFlink has no types.
    """Turns a series' final candles, in order or corrected, into the indicator values that change."""

    def open(self, runtime_context: RuntimeContext) -> None:
        """Find the state of this subtask's series."""
        # Not an array of bytes: of the types that carry bytes only this one can say that there are none.
        self._series = runtime_context.get_state(ValueStateDescriptor("series", Types.PICKLED_BYTE_ARRAY()))
        self._not_recomputable = runtime_context.get_metrics_group().counter("candlesNotRecomputable")

    def process_element(self, value: Row, ctx: KeyedProcessFunction.Context) -> Iterator[Row]:
        """Fold a candle in; a correction also changes the candles after it."""
        state = self._series.value()
        series = IndicatorSeries() if state is None else IndicatorSeries.from_bytes(state)
        changes = series.apply(candle_of(value))
        if isinstance(changes, NotRecomputable):
            self._not_recomputable.inc()
            return
        self._series.update(series.to_bytes())
        for bucket_start, values in groupby(changes, key=attrgetter("bucket_start")):
            of_candle = list(values)
            yield Row(
                value.symbol,
                value.interval,
                bucket_start,
                of_candle[0].revision,
                [change.name for change in of_candle],
                [change.value for change in of_candle],
            )


def candle_of(row: Row) -> Candle:
    """Read a final candle as the Java operator writes it: decimals as text, times as numbers."""
    return Candle.from_exact(
        bucket_start=row.bucket_start,
        trading_day=_EPOCH + timedelta(days=row.trading_day),
        open=row.open,
        high=row.high,
        low=row.low,
        close=row.close,
        volume=row.volume,
        vwap=row.vwap,
        revision=row.revision,
    )
