package io.candlewick.alerts;

import static io.candlewick.alerts.AlertHarness.cross;
import static io.candlewick.alerts.AlertHarness.trade;
import static org.assertj.core.api.Assertions.assertThat;

import io.candlewick.market.MarketEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PriceAlertFunctionTest {

  @Test
  void aPriceWaitsForEarlierOnesThatComeAfterIt() throws Exception {
    try (var alerts = AlertHarness.ofPrices(null)) {
      alerts.rules(cross(1, "A", "10", "0", 0));
      alerts.add(trade("A", 0, "9")).add(trade("A", 2, "9")).add(trade("A", 1.5, "11"));
      assertThat(alerts.fired()).isEmpty();
      alerts.watermark(2);
      assertThat(alerts.fired()).containsExactly("rule 1 at 1.5: 11.0", "rule 1 at 2: 9.0");
    }
  }

  @Test
  void theSymbolsOwnEventsMoveTimeOnWhereTheWatermarkIsHeldBack() throws Exception {
    try (var alerts = AlertHarness.ofPrices(null)) {
      alerts.rules(cross(1, "A", "10", "0", 0));
      alerts.add(trade("A", 0, "9")).add(trade("A", 1, "11")).add(trade("A", 3, "11"));
      assertThat(alerts.fired()).isEmpty();
      alerts.add(trade("A", 3.001, "11"));
      assertThat(alerts.fired()).containsExactly("rule 1 at 1: 11.0");
    }
  }

  @Test
  void aPriceThatComesTooLateIsNotDecidedOn() throws Exception {
    try (var alerts = AlertHarness.ofPrices(null)) {
      alerts.rules(cross(1, "A", "10", "0", 0));
      alerts.add(trade("A", 0, "9")).add(trade("A", 10, "9")).watermark(10);
      alerts.add(trade("A", 5, "11")).watermark(20);
      assertThat(alerts.fired()).isEmpty();
    }
  }

  @Test
  void aRuleBeginsWithTheFirstPriceAfterItsCreation() throws Exception {
    try (var alerts = AlertHarness.ofPrices(null)) {
      alerts.add(trade("A", 0, "9")).watermark(5);
      alerts.rules(cross(1, "A", "10", "0", 0)).add(trade("A", 6, "11")).watermark(10);
      assertThat(alerts.fired()).isEmpty();
      alerts.add(trade("A", 11, "9")).watermark(15);
      assertThat(alerts.fired()).containsExactly("rule 1 at 11: 9.0");
    }
  }

  @Test
  void aChangedRuleStartsAfreshAndTheOthersGoOn() throws Exception {
    try (var alerts = AlertHarness.ofPrices(null)) {
      alerts.rules(cross(1, "A", "10", "0", 0), cross(2, "A", "10", "0", 0));
      alerts.add(trade("A", 0, "9")).watermark(1);
      alerts.rules(cross(1, "A", "10", "0", 5), cross(2, "A", "10", "0", 0));
      alerts.add(trade("A", 2, "11")).watermark(3);
      assertThat(alerts.fired()).containsExactly("rule 2 at 2: 11.0");
    }
  }

  @Test
  void aSetOfRulesThatHasNotChangedChangesNothing() throws Exception {
    try (var alerts = AlertHarness.ofPrices(null)) {
      alerts.rules(cross(1, "A", "10", "0", 0)).add(trade("A", 0, "9")).watermark(1);
      alerts.rules(cross(1, "A", "10", "0", 0)).add(trade("A", 2, "11")).watermark(3);
      assertThat(alerts.fired()).containsExactly("rule 1 at 2: 11.0");
    }
  }

  @Test
  void aSymbolWithoutRulesIsForgotten() throws Exception {
    try (var alerts = AlertHarness.ofPrices(null)) {
      alerts.rules(cross(1, "A", "10", "0", 0)).add(trade("A", 0, "9")).add(trade("B", 0, "9"));
      assertThat(alerts.symbols()).isEqualTo(1);
      alerts.rules().add(trade("A", 1, "11")).watermark(5);
      assertThat(alerts.symbols()).isZero();
      assertThat(alerts.timers()).isZero();
      assertThat(alerts.fired()).isEmpty();
    }
  }

  private static LongStream seeds() {
    return LongStream.rangeClosed(1, 40);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void disorderAndACrashLeaveTheAlertsOfTheEventsInTheirOrder(long seed) throws Exception {
    Random random = new Random(seed);
    List<MarketEvent> inOrder = new ArrayList<>();
    int price = 100;
    for (int i = 0; i < 300; i++) {
      price = Math.max(97, Math.min(104, price + random.nextInt(-2, 3)));
      inOrder.add(trade("A", i * 0.3, String.valueOf(price)));
    }
    List<MarketEvent> arriving = new ArrayList<>(inOrder);
    long[] delays = random.longs(arriving.size(), 0, 1_900_000).toArray();
    arriving.sort(
        (a, b) ->
            Long.compare(
                a.eventTimeMicros() + delays[(int) (a.sequence() / 300)],
                b.eventTimeMicros() + delays[(int) (b.sequence() / 300)]));
    AlertRule[] rules = {cross(1, "A", "100", "1", 0), cross(2, "A", "102", "0", 0)};
    TreeSet<String> expected;
    try (var alerts = AlertHarness.ofPrices(null)) {
      alerts.rules(rules);
      deliver(alerts, inOrder, 0, inOrder.size());
      expected = new TreeSet<>(alerts.watermark(100).fired());
    }
    int snapshotAt = random.nextInt(arriving.size());
    int crashAt = random.nextInt(snapshotAt, arriving.size());
    TreeSet<String> table = new TreeSet<>();
    OperatorSubtaskState snapshot;
    try (var alerts = AlertHarness.ofPrices(null)) {
      alerts.rules(rules);
      deliver(alerts, arriving, 0, snapshotAt);
      snapshot = alerts.snapshot();
      deliver(alerts, arriving, snapshotAt, crashAt);
      table.addAll(alerts.fired());
    }
    try (var restored = AlertHarness.ofPrices(snapshot)) {
      deliver(restored, arriving, snapshotAt, arriving.size());
      table.addAll(restored.watermark(100).fired());
    }
    assertThat(table).containsExactlyElementsOf(expected).isNotEmpty();
  }

  /** Delivers some events, with a watermark now and then as the source would give it. */
  private static void deliver(
      AlertHarness<MarketEvent> alerts, List<MarketEvent> events, int from, int to)
      throws Exception {
    double newest = 0;
    for (int i = 0; i < to; i++) {
      newest = Math.max(newest, events.get(i).sequence() / 1000.0);
      if (i < from) {
        continue;
      }
      alerts.add(events.get(i));
      if (i % 7 == 0) {
        alerts.watermark(newest - 2.001);
      }
    }
  }
}
