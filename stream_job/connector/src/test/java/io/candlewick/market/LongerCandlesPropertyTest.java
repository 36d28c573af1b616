package io.candlewick.market;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever happens on the way, every candle is what an independent computation says. */
class LongerCandlesPropertyTest {

  private static final Instant EVENING = Instant.parse("2024-01-08T21:20:00Z");
  private static final Instant LATER = EVENING.plus(Duration.ofDays(3));
  private static final Ticks TICKS = Ticks.of("A");

  private static LongStream seeds() {
    return LongStream.rangeClosed(1, 20);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void everyCandleOfTradesEqualsTheAggregationOfTheRawEvents(long seed) throws Exception {
    Random random = new Random(seed);
    List<MarketEvent> events = trades(random);
    assertThat(delivered(events, random)).containsExactlyEntriesOf(expected(events));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void everyCandleOfQuotesEqualsTheAggregationOfTheRawEvents(long seed) throws Exception {
    Random random = new Random(seed);
    List<MarketEvent> events = quotes(random);
    assertThat(delivered(events, random)).containsExactlyEntriesOf(expected(events));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void aReplayFromASnapshotAfterACrashLeavesTheSameTable(long seed) throws Exception {
    Random random = new Random(seed);
    List<MarketEvent> events = random.nextBoolean() ? trades(random) : quotes(random);
    Delivery delivery = Delivery.of(events, random);
    int snapshotAt = random.nextInt(delivery.size());
    int crashAt = random.nextInt(snapshotAt, delivery.size());
    TreeMap<String, Row> table;
    OperatorSubtaskState snapshot;
    try (CandleHarness candles = new CandleHarness()) {
      delivery.deliver(candles, 0, snapshotAt);
      snapshot = candles.snapshot();
      delivery.deliver(candles, snapshotAt, crashAt);
      table = candles.everyInterval();
    }
    try (CandleHarness restored = new CandleHarness(snapshot)) {
      delivery.deliver(restored, snapshotAt, delivery.size());
      restored.watermark(LATER);
      assertThat(restored.mergeEveryInterval(table)).containsExactlyEntriesOf(expected(events));
    }
  }

  /** Five hours of trades over midnight, with silences and breaks. */
  private static List<MarketEvent> trades(Random random) {
    List<MarketEvent> events = new ArrayList<>();
    Instant time = EVENING;
    for (int sequence = 0; time.isBefore(EVENING.plus(Duration.ofHours(5))); sequence++) {
      time = time.plusMillis(random.nextInt(30) == 0 ? 1_500_000 : random.nextInt(90_000));
      if (random.nextInt(40) == 0) {
        events.add(TICKS.breakAt(time));
      } else {
        BigDecimal price = BigDecimal.valueOf(random.nextInt(1, 100_000), 2);
        BigDecimal size = BigDecimal.valueOf(random.nextInt(5_000_000), 8);
        events.add(TICKS.trade(time, sequence, price, size));
      }
    }
    return events;
  }

  /** Five hours of polled quotes over midnight, where the day's volume begins anew. */
  private static List<MarketEvent> quotes(Random random) {
    List<MarketEvent> events = new ArrayList<>();
    BigDecimal volume = new BigDecimal("123456.5");
    Instant midnight = Instant.parse("2024-01-09T00:00:00Z");
    Instant time = EVENING;
    while (time.isBefore(EVENING.plus(Duration.ofHours(5)))) {
      Instant next =
          time.plusMillis(random.nextInt(20) == 0 ? 1_500_000 : 1 + random.nextInt(50_000));
      if (time.isBefore(midnight) && !next.isBefore(midnight)) {
        volume = BigDecimal.ZERO;
      }
      time = next;
      volume = volume.add(BigDecimal.valueOf(random.nextInt(1, 100_000), 3));
      BigDecimal price = BigDecimal.valueOf(random.nextInt(1, 100_000), 2);
      events.add(TICKS.quote(time, price, volume));
    }
    return events;
  }

  private static TreeMap<String, Row> delivered(List<MarketEvent> events, Random random)
      throws Exception {
    Delivery delivery = Delivery.of(events, random);
    try (CandleHarness candles = new CandleHarness()) {
      delivery.deliver(candles, 0, delivery.size());
      return candles.watermark(LATER).everyInterval();
    }
  }

  private static TreeMap<String, Row> expected(List<MarketEvent> events) {
    ReferenceCandles reference = new ReferenceCandles(events);
    TreeMap<String, Row> table = new TreeMap<>();
    for (Interval interval : Interval.values()) {
      table.putAll(reference.table(interval));
    }
    return table;
  }
}
