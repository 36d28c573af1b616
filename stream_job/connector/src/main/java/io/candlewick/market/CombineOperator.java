package io.candlewick.market;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;

/**
 * Folds events into one {@link MinuteEvents} per symbol and minute before they are shuffled.
 *
 * <p>Whatever it holds is passed on before a watermark, before a checkpoint barrier, at the end of
 * the input, after {@link #MAX_MINUTES} and after {@link #MAX_DELAY_MILLIS}: it has no state of its
 * own, no event becomes late in it, and a candle is delayed by no more than that.
 */
final class CombineOperator extends AbstractStreamOperator<MinuteEvents>
    implements OneInputStreamOperator<MarketEvent, MinuteEvents> {

  private static final long serialVersionUID = 1L;
  static final long MAX_DELAY_MILLIS = 100;
  static final int MAX_MINUTES = 20_000;

  private transient Map<String, List<MinuteEvents>> bySymbol;
  private transient int minutes;
  private transient boolean timerRuns;

  @Override
  public void open() throws Exception {
    super.open();
    bySymbol = new HashMap<>();
  }

  @Override
  public void processElement(StreamRecord<MarketEvent> element) {
    MarketEvent event = element.getValue();
    if (event.kind() == EventKind.HEARTBEAT) {
      return;
    }
    minuteOf(event).add(event);
    if (minutes >= MAX_MINUTES) {
      flush();
    } else if (!timerRuns) {
      timerRuns = true;
      long now = getProcessingTimeService().getCurrentProcessingTime();
      getProcessingTimeService().registerTimer(now + MAX_DELAY_MILLIS, this::onTimer);
    }
  }

  private MinuteEvents minuteOf(MarketEvent event) {
    List<MinuteEvents> ofSymbol = bySymbol.computeIfAbsent(event.symbol(), s -> new ArrayList<>(2));
    long start = MinuteEvents.startOf(event.eventTimeMillis());
    for (int i = ofSymbol.size() - 1; i >= 0; i--) {
      MinuteEvents minute = ofSymbol.get(i);
      if (minute.startMillis == start) {
        return minute;
      }
    }
    MinuteEvents minute = new MinuteEvents(event.symbol(), start);
    ofSymbol.add(minute);
    minutes++;
    return minute;
  }

  private void onTimer(long time) {
    timerRuns = false;
    flush();
  }

  private void flush() {
    if (minutes == 0) {
      return;
    }
    for (List<MinuteEvents> ofSymbol : bySymbol.values()) {
      for (MinuteEvents minute : ofSymbol) {
        output.collect(new StreamRecord<>(minute));
      }
    }
    bySymbol.clear();
    minutes = 0;
  }

  @Override
  public void processWatermark(Watermark mark) throws Exception {
    flush();
    super.processWatermark(mark);
  }

  @Override
  public void processWatermarkStatus(WatermarkStatus status) throws Exception {
    flush();
    super.processWatermarkStatus(status);
  }

  @Override
  public void prepareSnapshotPreBarrier(long checkpointId) {
    flush();
  }

  @Override
  public void finish() throws Exception {
    flush();
    super.finish();
  }
}
