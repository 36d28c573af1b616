package io.candlewick.market;

import java.io.IOException;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.TimeDomain;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.table.data.RowData;
import org.apache.flink.util.Collector;

/**
 * Keeps the candles of a symbol from their first event until nothing can change them any more.
 *
 * <p>A candle that has changed is emitted within {@link #EMISSION_MILLIS}, unfinished; again, and
 * final, when the watermark passes its end; and once more for what comes late, up to {@link
 * #LATENESS_MILLIS} after its end. What comes later still is counted and kept in snapshots only.
 */
final class CandleFunction extends KeyedProcessFunction<String, MinuteEvents, RowData> {

  private static final long serialVersionUID = 1L;

  /** How long a change waits for more before it is emitted. */
  static final long EMISSION_MILLIS = 500;

  /** How long after its end a candle is still corrected. */
  static final long LATENESS_MILLIS = 10 * 60_000L;

  private transient ValueState<SymbolState> state;
  private transient Counter lateEventsDropped;

  @Override
  public void open(OpenContext context) {
    state =
        getRuntimeContext()
            .getState(new ValueStateDescriptor<>("symbol", SymbolStateSerializer.typeInfo()));
    lateEventsDropped = getRuntimeContext().getMetricGroup().counter("lateEventsDropped");
  }

  @Override
  public void processElement(MinuteEvents minute, Context context, Collector<RowData> out)
      throws IOException {
    long lastMillis = lastMillis(minute.startMillis);
    if (lastMillis + LATENESS_MILLIS <= context.timerService().currentWatermark()) {
      lateEventsDropped.inc(minute.events);
      return;
    }
    SymbolState symbol = state.value();
    if (symbol == null) {
      symbol = new SymbolState();
    }
    if (!symbol.minutes.containsKey(minute.startMillis)) {
      context.timerService().registerEventTimeTimer(lastMillis);
      context.timerService().registerEventTimeTimer(lastMillis + LATENESS_MILLIS);
    }
    symbol.add(minute);
    if (symbol.emissionMillis == 0) {
      symbol.emissionMillis = context.timerService().currentProcessingTime() + EMISSION_MILLIS;
      context.timerService().registerProcessingTimeTimer(symbol.emissionMillis);
    }
    state.update(symbol);
  }

  @Override
  public void onTimer(long time, OnTimerContext context, Collector<RowData> out)
      throws IOException {
    SymbolState symbol = state.value();
    if (symbol == null) {
      return;
    }
    if (context.timeDomain() == TimeDomain.PROCESSING_TIME) {
      emitChanged(symbol, context, out);
      symbol.emissionMillis = 0;
    } else {
      emitFinished(symbol, time, context, out);
      dropSettled(symbol, time, context, out);
    }
    state.update(symbol);
  }

  private void emitChanged(SymbolState symbol, OnTimerContext context, Collector<RowData> out) {
    for (MinuteCandle candle : symbol.minutes.values()) {
      if (candle.isDirty) {
        emit(symbol, candle, context, out);
      }
    }
  }

  private void emitFinished(
      SymbolState symbol, long time, OnTimerContext context, Collector<RowData> out) {
    MinuteCandle finished = symbol.minutes.get(time + 1 - MinuteEvents.MINUTE_MILLIS);
    if (finished != null) {
      emit(symbol, finished, context, out);
    }
  }

  private void dropSettled(
      SymbolState symbol, long time, OnTimerContext context, Collector<RowData> out) {
    while (!symbol.minutes.isEmpty()
        && lastMillis(symbol.minutes.firstKey()) + LATENESS_MILLIS <= time) {
      MinuteCandle settled = symbol.minutes.firstEntry().getValue();
      if (settled.isDirty) {
        emit(symbol, settled, context, out);
      }
      symbol.dropFirst();
    }
  }

  private void emit(
      SymbolState symbol, MinuteCandle candle, OnTimerContext context, Collector<RowData> out) {
    candle.isDirty = false;
    if (candle.prices() == null) {
      return;
    }
    long start = candle.events.startMillis;
    boolean isFinal = lastMillis(start) <= context.timerService().currentWatermark();
    long now = context.timerService().currentProcessingTime();
    out.collect(CandleRows.row(candle, isFinal, symbol.revision(start, isFinal), now));
  }

  private static long lastMillis(long startMillis) {
    return startMillis + MinuteEvents.MINUTE_MILLIS - 1;
  }
}
