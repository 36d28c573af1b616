package io.candlewick.market;

import static io.candlewick.market.Events.breakAt;
import static io.candlewick.market.Events.quote;
import static io.candlewick.market.Events.trade;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CandleFunctionTest {

  private CandleHarness candles;

  @BeforeEach
  void open() throws Exception {
    candles = new CandleHarness();
  }

  @AfterEach
  void close() throws Exception {
    candles.close();
  }

  @Test
  void anUnfinishedCandleIsWrittenAtOnce() throws Exception {
    candles.add(trade(1, 1, "10.5", "2"), trade(2, 2, "11", "1"), trade(3, 3, "9", "4"));
    assertThat(candles.onlyWritten())
        .isEqualTo(
            new Row(
                "12:00", "10.5", "11", "9", "9", "7", "9.714285714285714286", 3, false, true, 6));
  }

  @Test
  void changesAreWrittenAtMostEveryHalfSecond() throws Exception {
    candles.add(trade(1, 1, "10", "1"));
    candles.written();
    candles.add(trade(2, 2, "11", "1")).passMillis(100);
    candles.add(trade(3, 3, "12", "1")).passMillis(399);
    assertThat(candles.written()).isEmpty();
    candles.passMillis(1);
    assertThat(candles.onlyWritten().revision()).isEqualTo(6);
    candles.passMillis(5_000);
    assertThat(candles.written()).isEmpty();
  }

  @Test
  void aCandleIsFinalWhenTheWatermarkPassesItsEnd() throws Exception {
    candles.add(trade(1, 1, "10", "1")).watermark(59.999);
    candles.written();
    candles.watermark(60);
    assertThat(candles.onlyWritten()).returns(true, Row::isFinal).returns(3L, Row::revision);
  }

  @Test
  void anEventTenMinutesLateCorrectsAFinalCandle() throws Exception {
    candles.add(trade(30, 2, "10", "1")).watermark(60).passMillis(500);
    candles.watermark(659);
    candles.written();
    candles.add(trade(20, 1, "8", "1")).passMillis(500);
    assertThat(candles.onlyWritten())
        .isEqualTo(new Row("12:00", "8", "10", "8", "10", "2", "9", 2, true, true, 5));
  }

  @Test
  void aLaterEventIsDropped() throws Exception {
    candles.add(trade(30, 1, "10", "1")).watermark(660);
    candles.written();
    candles.add(trade(20, 2, "8", "1")).passMillis(500);
    assertThat(candles.written()).isEmpty();
  }

  @Test
  void theLastCorrectionIsWrittenBeforeTheCandleSettles() throws Exception {
    candles.add(trade(30, 2, "10", "1")).watermark(60);
    candles.add(trade(20, 1, "8", "1")).watermark(660);
    assertThat(candles.table().get("12:00").revision()).isEqualTo(5);
  }

  @Test
  void onlyTheFirstCandleEverIsPartial() throws Exception {
    candles.add(trade(1, 1, "10", "1")).add(trade(61, 2, "10", "1")).passMillis(500);
    assertThat(candles.table().values()).extracting(Row::isPartial).containsExactly(true, false);
  }

  @Test
  void theCandleWithABreakAndTheNextOneArePartial() throws Exception {
    candles.add(trade(1, 1, "10", "1")).add(trade(61, 2, "10", "1"));
    candles.add(breakAt(70)).add(trade(300, 3, "10", "1")).add(trade(361, 4, "10", "1"));
    candles.passMillis(500);
    assertThat(candles.table().values())
        .extracting(Row::minute, Row::isPartial)
        .containsExactly(
            tuple("12:00", true),
            tuple("12:01", true),
            tuple("12:05", true),
            tuple("12:06", false));
  }

  @Test
  void aBreakAloneMakesNoCandle() throws Exception {
    candles.add(breakAt(1)).watermark(700);
    assertThat(candles.written()).isEmpty();
  }

  @Test
  void openAndCloseAreByEventTimeThenSequence() throws Exception {
    candles.add(trade(5, 7, "3", "1"), trade(5, 9, "4", "1"), trade(5, 8, "5", "1"));
    candles.add(trade(5, 6, "2", "1")).passMillis(500);
    assertThat(candles.table().get("12:00")).returns("2", Row::open).returns("4", Row::close);
  }

  @Test
  void tradesOfNoSizeHaveNoVwap() throws Exception {
    candles.add(trade(1, 1, "10", "0"));
    assertThat(candles.onlyWritten()).returns("0", Row::volume).returns(null, Row::vwap);
  }

  @Test
  void theFirstQuoteAfterAStartClaimsNoVolume() throws Exception {
    candles.add(quote(1, "10", "5000"), quote(30, "11", "5007")).passMillis(500);
    assertThat(candles.onlyWritten()).returns("7", Row::volume).returns(0L, Row::trades);
  }

  @Test
  void theVolumeOfQuotesIsTheGrowthOfTheDay() throws Exception {
    candles.add(quote(1, "10", "5000")).add(quote(61, "10", "5010")).add(quote(190, "11", "5015"));
    candles.passMillis(500);
    assertThat(candles.table().values()).extracting(Row::volume).containsExactly("0", "10", "5");
  }

  @Test
  void aRepeatedPollMakesNoCandle() throws Exception {
    candles.add(quote(1, "10", "5000")).add(quote(61, "10", "5000"), quote(90, "10", "5000"));
    candles.passMillis(500);
    assertThat(candles.table().keySet()).containsExactly("12:00");
  }

  @Test
  void aDecreaseIsACorrectionAndNoNegativeVolume() throws Exception {
    candles.add(quote(1, "10", "5000")).add(quote(61, "11", "4900")).add(quote(121, "12", "4950"));
    candles.passMillis(500);
    assertThat(candles.table().values()).extracting(Row::volume).containsExactly("0", "0", "50");
  }

  @Test
  void aNewTradingDayBeginsAtNothing() throws Exception {
    candles.add(quote(1, "10", "5000")).add(quote(61, Events.DAY + 1, "11", "30"));
    candles.passMillis(500);
    assertThat(candles.table().get("12:01").volume()).isEqualTo("30");
  }

  @Test
  void aLateQuoteChangesTheVolumeOfTheMinutesAfterIt() throws Exception {
    candles.add(quote(1, "10", "5000")).add(quote(130, "12", "5100")).passMillis(500);
    assertThat(candles.table().get("12:02").volume()).isEqualTo("100");
    candles.add(quote(70, "11", "5040")).passMillis(500);
    assertThat(candles.table().values()).extracting(Row::volume).containsExactly("0", "40", "60");
  }

  @Test
  void quotesOfAFeedWithTradesMakeNoCandles() throws Exception {
    candles.add(trade(1, 1, "10", "1"), quote(2, "99", null)).add(quote(61, "12", null));
    candles.passMillis(500);
    assertThat(candles.table().values()).extracting(Row::high).containsExactly("10");
  }

  @Test
  void stateThatIsRestoredGoesOnWhereItWas() throws Exception {
    candles.add(trade(1, 1, "10", "1")).watermark(60).passMillis(500);
    candles.add(trade(61, 2, "11", "1"));
    OperatorSubtaskState snapshot = candles.snapshot();
    try (CandleHarness restored = new CandleHarness(snapshot)) {
      restored.add(trade(30, 3, "12", "1")).add(trade(70, 4, "13", "1")).passMillis(500);
      restored.watermark(120);
      assertThat(restored.table().get("12:00"))
          .isEqualTo(new Row("12:00", "10", "12", "10", "12", "2", "11", 2, true, true, 5));
      assertThat(restored.table().get("12:01"))
          .isEqualTo(new Row("12:01", "11", "13", "11", "13", "2", "12", 2, true, false, 5));
    }
  }

  @Test
  void aMinuteThatHasSettledStaysSettledAfterARestore() throws Exception {
    candles.add(trade(1, 1, "10", "1")).watermark(700);
    try (CandleHarness restored = new CandleHarness(candles.snapshot())) {
      restored.add(trade(2, 2, "99", "1")).passMillis(500);
      assertThat(restored.written()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void anyOrderAndAnyGroupingGiveTheSameTable(long seed) throws Exception {
    List<MarketEvent> events = new ArrayList<>();
    Random random = new Random(42);
    for (int i = 0; i < 300; i++) {
      String price = "10" + random.nextInt(10) + "." + random.nextInt(100);
      events.add(trade(random.nextInt(500), i, price, "0.0" + random.nextInt(1, 99)));
    }
    TreeMap<String, Row> expected = tableOf(events, new Random(0));
    Collections.shuffle(events, new Random(seed));
    assertThat(tableOf(events, new Random(seed))).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void aReplayAfterACrashLeavesTheSameTable(long seed) throws Exception {
    Random random = new Random(seed);
    List<MarketEvent> events = new ArrayList<>();
    long volume = 1000;
    for (int i = 0; i < 120; i++) {
      events.add(
          quote(i * 4, String.valueOf(random.nextInt(10, 20)), "" + (volume += random.nextInt(4))));
    }
    for (int i = 0; i < 60; i++) {
      Collections.swap(events, random.nextInt(120), random.nextInt(120));
    }
    TreeMap<String, Row> expected = tableOf(events, new Random(0));
    int checkpoint = random.nextInt(100);
    int crash = random.nextInt(checkpoint, 120);
    feed(candles, events.subList(0, checkpoint), random);
    OperatorSubtaskState snapshot = candles.snapshot();
    feed(candles, events.subList(checkpoint, crash), random);
    TreeMap<String, Row> table = candles.table();
    try (CandleHarness restored = new CandleHarness(snapshot)) {
      feed(restored, events.subList(checkpoint, 120), random);
      restored.watermark(2_000);
      assertThat(restored.merge(table)).isEqualTo(expected);
    }
  }

  private static TreeMap<String, Row> tableOf(List<MarketEvent> events, Random random)
      throws Exception {
    try (CandleHarness harness = new CandleHarness()) {
      feed(harness, events, random);
      harness.watermark(2_000);
      return harness.table();
    }
  }

  /** Feeds events in their order, grouped by chance as the combining before the shuffle does. */
  private static void feed(CandleHarness harness, List<MarketEvent> events, Random random)
      throws Exception {
    TreeMap<Long, MinuteEvents> group = new TreeMap<>();
    for (MarketEvent event : events) {
      group
          .computeIfAbsent(
              MinuteEvents.startOf(event.eventTimeMillis()), s -> new MinuteEvents("A", s))
          .add(event);
      if (random.nextInt(4) == 0) {
        for (MinuteEvents minute : group.values()) {
          harness.add(minute);
        }
        group.clear();
        harness.passMillis(random.nextInt(300));
      }
    }
    for (MinuteEvents minute : group.values()) {
      harness.add(minute);
    }
  }
}
