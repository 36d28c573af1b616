package io.candlewick.market;

import static io.candlewick.market.Events.breakAt;
import static io.candlewick.market.Events.heartbeat;
import static io.candlewick.market.Events.trade;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.List;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CombineOperatorTest {

  private OneInputStreamOperatorTestHarness<MarketEvent, MinuteEvents> operator;

  @BeforeEach
  void open() throws Exception {
    operator = new OneInputStreamOperatorTestHarness<>(new CombineOperator());
    operator.open();
  }

  @AfterEach
  void close() throws Exception {
    operator.close();
  }

  @Test
  void eventsOfAMinuteAreOneAndMinutesAreApart() throws Exception {
    add(trade(1, 1, "10", "1"), trade(61, 2, "20", "2"), trade(3, 3, "8", "3"), breakAt(62));
    assertThat(flushed()).isEmpty();
    operator.processWatermark(new Watermark(Events.NOON_MILLIS));
    assertThat(flushed())
        .extracting(m -> m.startMillis, m -> m.events, m -> m.breaks, m -> m.volume.toString())
        .containsExactlyInAnyOrder(
            tuple(Events.NOON_MILLIS, 2L, 0L, "4"),
            tuple(Events.NOON_MILLIS + 60_000, 2L, 1L, "2"));
  }

  @Test
  void whatItHoldsGoesBeforeAWatermark() throws Exception {
    add(trade(1, 1, "10", "1"));
    operator.processWatermark(new Watermark(Events.NOON_MILLIS));
    assertThat(operator.getOutput()).hasSize(2).last().isInstanceOf(Watermark.class);
  }

  @Test
  void whatItHoldsGoesBeforeACheckpoint() throws Exception {
    add(trade(1, 1, "10", "1"));
    operator.prepareSnapshotPreBarrier(1);
    assertThat(flushed()).hasSize(1);
  }

  @Test
  void whatItHoldsGoesAfterATenthOfASecond() throws Exception {
    operator.setProcessingTime(1_000);
    add(trade(1, 1, "10", "1"));
    operator.setProcessingTime(1_099);
    assertThat(flushed()).isEmpty();
    operator.setProcessingTime(1_100);
    assertThat(flushed()).hasSize(1);
  }

  @Test
  void whatItHoldsGoesAtTheEndOfTheInput() throws Exception {
    add(trade(1, 1, "10", "1"));
    operator.getOneInputOperator().finish();
    assertThat(flushed()).hasSize(1);
  }

  @Test
  void manyMinutesGoWithoutWaiting() throws Exception {
    for (int minute = 0; minute < CombineOperator.MAX_MINUTES; minute++) {
      add(trade(60.0 * minute, minute, "10", "1"));
    }
    assertThat(flushed()).hasSize(CombineOperator.MAX_MINUTES);
  }

  @Test
  void aHeartbeatIsInNoCandle() throws Exception {
    add(heartbeat(1));
    operator.processWatermark(new Watermark(Events.NOON_MILLIS));
    assertThat(flushed()).isEmpty();
  }

  private void add(MarketEvent... events) throws Exception {
    for (MarketEvent event : events) {
      operator.processElement(new StreamRecord<>(event));
    }
  }

  private List<MinuteEvents> flushed() {
    return operator.extractOutputStreamRecords().stream()
        .<MinuteEvents>map(StreamRecord::getValue)
        .toList();
  }
}
