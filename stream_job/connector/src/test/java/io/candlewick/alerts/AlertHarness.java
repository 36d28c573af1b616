package io.candlewick.alerts;

import io.candlewick.market.MarketEvent;
import io.candlewick.market.Ticks;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.co.CoBroadcastWithKeyedOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.apache.flink.table.data.RowData;

/** An alert operator alone, with clocks that tests move; times are seconds after noon. */
final class AlertHarness<T> implements AutoCloseable {

  static final Instant NOON = Instant.parse("2024-08-09T12:00:00Z");

  private final KeyedTwoInputStreamOperatorTestHarness<String, T, RuleSet, RowData> harness;

  private AlertHarness(
      KeyedTwoInputStreamOperatorTestHarness<String, T, RuleSet, RowData> harness,
      OperatorSubtaskState snapshot)
      throws Exception {
    this.harness = harness;
    harness.setup(
        AlertRow.typeInfo().createSerializer(harness.getExecutionConfig().getSerializerConfig()));
    if (snapshot != null) {
      harness.initializeState(snapshot);
    }
    harness.open();
    harness.processWatermarkStatus2(WatermarkStatus.IDLE);
  }

  static AlertHarness<MarketEvent> ofPrices(OperatorSubtaskState snapshot) throws Exception {
    return new AlertHarness<>(
        new KeyedTwoInputStreamOperatorTestHarness<>(
            new PriceAlertOperator(new PriceAlertFunction(Duration.ofSeconds(2))),
            MarketEvent::symbol,
            null,
            Types.STRING),
        snapshot);
  }

  static AlertHarness<CandleValues> ofCandles(OperatorSubtaskState snapshot) throws Exception {
    return new AlertHarness<>(
        new KeyedTwoInputStreamOperatorTestHarness<>(
            new CoBroadcastWithKeyedOperator<>(
                new CandleAlertFunction(), List.of(RulesInForce.STATE)),
            CandleValues::symbol,
            null,
            Types.STRING),
        snapshot);
  }

  AlertHarness<T> rules(AlertRule... rules) throws Exception {
    harness.processElement2(new StreamRecord<>(new RuleSet(List.of(rules))));
    return this;
  }

  AlertHarness<T> add(T value) throws Exception {
    harness.processElement1(new StreamRecord<>(value));
    return this;
  }

  AlertHarness<T> watermark(double second) throws Exception {
    harness.processWatermark1(new Watermark(NOON.toEpochMilli() + Math.round(second * 1000)));
    return this;
  }

  AlertHarness<T> lastWatermark() throws Exception {
    harness.processWatermark1(Watermark.MAX_WATERMARK);
    return this;
  }

  AlertHarness<T> idle(boolean isIdle) throws Exception {
    harness.processWatermarkStatus1(isIdle ? WatermarkStatus.IDLE : WatermarkStatus.ACTIVE);
    return this;
  }

  /** Moves our clock, which has nothing to do with the market's. */
  AlertHarness<T> clock(long second) throws Exception {
    harness.setProcessingTime(second * 1000);
    return this;
  }

  OperatorSubtaskState snapshot() throws Exception {
    return harness.snapshot(1, 1);
  }

  /** How many symbols it remembers anything of. */
  int symbols() {
    return harness.numKeyedStateEntries();
  }

  int timers() {
    return harness.numEventTimeTimers() + harness.numProcessingTimeTimers();
  }

  /** All alerts so far: the rule, the second after noon, and the value. */
  List<String> fired() {
    List<String> fired = new ArrayList<>();
    for (RowData row : harness.extractOutputValues()) {
      Duration offset = Duration.between(NOON, row.getTimestamp(2, 6).toInstant());
      String second = BigDecimal.valueOf(offset.toNanos(), 9).stripTrailingZeros().toPlainString();
      fired.add("rule %d at %s: %s".formatted(row.getLong(0), second, row.getDouble(4)));
    }
    return fired;
  }

  static MarketEvent trade(String symbol, double second, String price) {
    return Ticks.of(symbol)
        .trade(time(second), Math.round(second * 1000), new BigDecimal(price), BigDecimal.ONE);
  }

  static Instant time(double second) {
    return NOON.plusNanos(Math.round(second * 1e6) * 1000);
  }

  static AlertRule cross(long id, String symbol, String price, String hysteresis, long updatedAt) {
    String parameters =
        "{\"price\": \"%s\", \"direction\": \"both\", \"hysteresis\": \"%s\"}"
            .formatted(price, hysteresis);
    return new AlertRule(id, symbol, "price_cross", null, parameters, updatedAt);
  }

  static AlertRule silent(long id, String symbol, int minutes) {
    return new AlertRule(
        id, symbol, "feed_silent", null, "{\"minutes\": %d}".formatted(minutes), 0);
  }

  @Override
  public void close() throws Exception {
    harness.close();
  }
}
