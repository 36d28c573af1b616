package io.candlewick.market;

import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.table.data.RowData;
import org.apache.flink.util.Collector;

/**
 * Keeps the one-minute candles of a symbol and writes each whenever it has changed.
 *
 * <p>The life of a candle: unfinished, and written at most every {@link #WRITE_INTERVAL_MILLIS} of
 * processing time; final, when the watermark passes its end; corrected by events that are up to
 * {@link #ALLOWED_LATENESS_MILLIS} late; settled after that. Later events are counted in the metric
 * {@code lateEventsDropped}.
 */
final class CandleFunction extends KeyedProcessFunction<String, MinuteEvents, RowData> {

  private static final long serialVersionUID = 1L;
  static final long WRITE_INTERVAL_MILLIS = 500;
  static final long ALLOWED_LATENESS_MILLIS = 600_000;

  private transient ValueState<MinuteCandles> state;
  private transient Counter lateEventsDropped;

  @Override
  public void open(OpenContext context) {
    state =
        getRuntimeContext()
            .getState(new ValueStateDescriptor<>("candles", MinuteCandlesSerializer.typeInfo()));
    lateEventsDropped = getRuntimeContext().getMetricGroup().counter("lateEventsDropped");
  }

  @Override
  public void processElement(MinuteEvents arrived, Context context, Collector<RowData> out)
      throws Exception {
    long watermark = context.timerService().currentWatermark();
    MinuteCandles candles = state.value();
    if (candles == null) {
      candles = new MinuteCandles();
    }
    if (lastMomentOf(arrived.startMillis) + ALLOWED_LATENESS_MILLIS <= watermark
        || arrived.startMillis <= candles.settledUpToMillis) {
      lateEventsDropped.inc(arrived.events);
      return;
    }
    boolean isNew = !candles.minutes.containsKey(arrived.startMillis);
    MinuteCandles.Entry entry = candles.add(arrived);
    if (isNew) {
      plan(entry, watermark, context);
    }
    writeOrPlan(candles, context, out);
    state.update(candles);
  }

  private static void plan(MinuteCandles.Entry entry, long watermark, Context context) {
    long lastMoment = lastMomentOf(entry.events.startMillis);
    if (lastMoment <= watermark) {
      entry.isFinal = true;
    } else {
      context.timerService().registerEventTimeTimer(lastMoment);
    }
    context.timerService().registerEventTimeTimer(lastMoment + ALLOWED_LATENESS_MILLIS);
  }

  private static void writeOrPlan(MinuteCandles candles, Context context, Collector<RowData> out) {
    long now = context.timerService().currentProcessingTime();
    if (candles.writeIsPlanned) {
      return;
    }
    if (now - candles.writtenAtMillis >= WRITE_INTERVAL_MILLIS || now < candles.writtenAtMillis) {
      candles.writtenAtMillis = now;
      candles.write(Long.MAX_VALUE, rows(now, out));
    } else {
      candles.writeIsPlanned = true;
      context
          .timerService()
          .registerProcessingTimeTimer(candles.writtenAtMillis + WRITE_INTERVAL_MILLIS);
    }
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<RowData> out)
      throws Exception {
    MinuteCandles candles = state.value();
    if (candles == null) {
      return;
    }
    long now = context.timerService().currentProcessingTime();
    switch (context.timeDomain()) {
      case PROCESSING_TIME -> {
        candles.writeIsPlanned = false;
        candles.writtenAtMillis = now;
        candles.write(Long.MAX_VALUE, rows(now, out));
      }
      case EVENT_TIME -> {
        // One moment can be the end of one minute and the last chance of another.
        long ending = timestamp + 1 - MinuteEvents.MINUTE_MILLIS;
        MinuteCandles.Entry entry = candles.minutes.get(ending);
        if (entry != null && !entry.isFinal) {
          entry.isFinal = true;
          candles.write(ending, rows(now, out));
        }
        long settling = ending - ALLOWED_LATENESS_MILLIS;
        // What was folded in since the last write is the candle's last word.
        candles.write(settling, rows(now, out));
        candles.settle(settling);
      }
    }
    state.update(candles);
  }

  private static long lastMomentOf(long startMillis) {
    return startMillis + MinuteEvents.MINUTE_MILLIS - 1;
  }

  private static MinuteCandles.Output rows(long nowMillis, Collector<RowData> out) {
    return (minute, candle, isFinal, revision) ->
        out.collect(CandleRow.of(minute, candle, isFinal, revision, nowMillis));
  }
}
