package io.candlewick.market;

import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.table.data.RowData;
import org.apache.flink.util.Collector;

/**
 * Keeps the candles of a symbol, of every {@link Interval}, and writes each whenever it has
 * changed.
 *
 * <p>The life of a candle: unfinished, and written at most every {@link #WRITE_INTERVAL_MILLIS} of
 * processing time; final, when the watermark passes its end; corrected by events that are up to
 * {@link #ALLOWED_LATENESS_MILLIS} late; settled after that. Later events are counted in the metric
 * {@code lateEventsDropped}.
 *
 * <p>Final candles, and every correction of one, also go to the side output {@link
 * FinalCandle#TAG}.
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
    candles.longer.open(entry.events, candle -> plan(candle, watermark, context));
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

  private static void plan(LongerCandle candle, long watermark, Context context) {
    candle.isPlanned = true;
    long lastMoment = candle.lastMoment();
    if (lastMoment <= watermark) {
      candle.isFinal = true;
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
      candles.write(rows(now, context, out));
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
        candles.write(rows(now, context, out));
      }
      case EVENT_TIME -> onEventTime(timestamp, candles, context, rows(now, context, out));
    }
    state.update(candles);
  }

  private static void onEventTime(
      long moment, MinuteCandles candles, Context context, MinuteCandles.Output rows) {
    // One moment can be the end of some candles and the last chance of others.
    long ending = moment + 1 - MinuteEvents.MINUTE_MILLIS;
    MinuteCandles.Entry entry = candles.minutes.get(ending);
    if (entry != null && !entry.isFinal) {
      entry.isFinal = true;
      candles.writeMinutes(ending, rows);
    }
    LongerCandles longer = candles.longer;
    // One that ended already is finished here, and not by its timer.
    longer.planAll(candle -> plan(candle, Long.MIN_VALUE, context));
    boolean finished = longer.finish(moment);
    // What was folded in since the last write is a candle's last word.
    if (finished || candles.writeIsPlanned && longer.canLetGo(moment)) {
      candles.writeFinalLonger(rows);
    }
    long settling = ending - ALLOWED_LATENESS_MILLIS;
    candles.writeMinutes(settling, rows);
    candles.settle(settling);
    longer.letGo(moment);
  }

  private static long lastMomentOf(long startMillis) {
    return startMillis + MinuteEvents.MINUTE_MILLIS - 1;
  }

  private static MinuteCandles.Output rows(
      long nowMillis, Context context, Collector<RowData> out) {
    String symbol = context.getCurrentKey();
    return (interval, startMillis, candle, isFinal, revision) -> {
      out.collect(
          CandleRow.of(symbol, interval, startMillis, candle, isFinal, revision, nowMillis));
      if (isFinal) {
        context.output(
            FinalCandle.TAG, FinalCandle.of(symbol, interval, startMillis, candle, revision));
      }
    };
  }
}
