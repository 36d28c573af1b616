package io.candlewick.market;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LongerCandlesTest {

  private static final Ticks A = Ticks.of("A");

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
  void oneTradeIsAtOnceInACandleOfEveryInterval() throws Exception {
    candles.add(A.trade("2024-01-08T14:37:05Z", 1, "10.5", "2"));
    assertThat(candles.everyInterval().keySet())
        .containsExactlyInAnyOrder(
            "A 1m 2024-01-08T14:37:00Z",
            "A 5m 2024-01-08T14:35:00Z",
            "A 15m 2024-01-08T14:30:00Z",
            "A 1h 2024-01-08T14:00:00Z",
            "A 1d 2024-01-08T00:00:00Z");
    assertThat(candles.everyInterval().values())
        .allSatisfy(
            row ->
                assertThat(row)
                    .returns("10.5", Row::close)
                    .returns(2L, Row::revision)
                    .returns(false, Row::isFinal)
                    .returns(true, Row::isPartial));
  }

  @Test
  void unfinishedCandlesAreWrittenAtMostEveryHalfSecond() throws Exception {
    candles.add(A.trade("2024-01-08T14:37:05Z", 1, "10", "1"));
    candles.add(A.trade("2024-01-08T14:37:06Z", 2, "11", "1")).passMillis(499);
    assertThat(candles.rows(Interval.HOUR)).hasSize(1);
    candles.passMillis(1);
    assertThat(candles.rows(Interval.HOUR)).hasSize(2);
    candles.passMillis(5_000);
    assertThat(candles.rows(Interval.HOUR)).hasSize(2);
  }

  @Test
  void aCandleIsFinalWhenTheWatermarkPassesItsEndThoughNothingTradedInItsLastMinute()
      throws Exception {
    candles.add(A.trade("2024-01-08T14:02:05Z", 1, "10", "1"));
    candles.watermark(Instant.parse("2024-01-08T14:59:59.999Z"));
    assertThat(last(Interval.HOUR)).returns(false, Row::isFinal);
    candles.watermark(Instant.parse("2024-01-08T15:00:00Z"));
    assertThat(last(Interval.HOUR)).returns(true, Row::isFinal).returns(3L, Row::revision);
    assertThat(last(Interval.DAY)).returns(false, Row::isFinal);
  }

  @Test
  void aLateTradeCorrectsEveryCandleItBelongsTo() throws Exception {
    candles.add(A.trade("2024-01-08T14:58:05Z", 2, "10", "1"));
    candles.watermark(Instant.parse("2024-01-08T15:07:00Z"));
    candles.add(A.trade("2024-01-08T14:57:05Z", 1, "8", "3")).passMillis(500);
    for (Interval interval : Interval.LONGER) {
      assertThat(last(interval))
          .returns("8", Row::open)
          .returns("4", Row::volume)
          .returns("8.5", Row::vwap)
          .returns(interval == Interval.DAY ? 4L : 5L, Row::revision);
    }
  }

  @Test
  void theLastCorrectionIsWrittenBeforeACandleIsLetGo() throws Exception {
    candles.add(A.trade("2024-01-08T14:58:05Z", 2, "10", "1"));
    candles.watermark(Instant.parse("2024-01-08T15:07:00Z"));
    candles.add(A.trade("2024-01-08T14:58:04Z", 1, "8", "3"));
    candles.add(A.trade("2024-01-08T14:58:03Z", 0, "9", "1"));
    candles.watermark(Instant.parse("2024-01-08T15:10:00Z"));
    assertThat(last(Interval.HOUR)).returns("9", Row::open).returns(7L, Row::revision);
  }

  @Test
  void aBreakAfterTheLastTradeOfACandleMakesItPartialAndTheOneInWhichTheFeedResumes()
      throws Exception {
    candles.add(A.trade("2024-01-08T13:58:00Z", 1, "10", "1"));
    candles.add(A.trade("2024-01-08T14:10:00Z", 2, "10", "1")).passMillis(500);
    assertThat(last(Interval.HOUR)).returns(false, Row::isPartial);
    candles.add(A.breakAt("2024-01-08T14:40:00Z")).passMillis(500);
    assertThat(last(Interval.HOUR)).returns(true, Row::isPartial);
    candles.add(A.trade("2024-01-08T16:10:00Z", 3, "10", "1")).passMillis(500);
    assertThat(last(Interval.HOUR)).returns(true, Row::isPartial);
    candles.add(A.trade("2024-01-08T17:10:00Z", 4, "10", "1")).passMillis(500);
    assertThat(last(Interval.HOUR)).returns(false, Row::isPartial);
  }

  @Test
  void aBreakBeforeTheFirstTradeCountsTheSameSettledOrNot() throws Exception {
    candles.add(A.trade("2024-01-08T13:58:00Z", 1, "10", "1"));
    candles.add(A.breakAt("2024-01-08T14:01:00Z"));
    MarketEvent resumed = A.trade("2024-01-08T14:30:00Z", 2, "10", "1");
    try (CandleHarness late = new CandleHarness(candles.snapshot())) {
      late.watermark(Instant.parse("2024-01-08T14:29:00Z")).add(resumed).passMillis(500);
      candles.add(resumed).passMillis(500);
      Row hour = last(Interval.HOUR);
      assertThat(hour).returns(true, Row::isPartial).returns(2L, Row::revision);
      assertThat(late.rows(Interval.HOUR)).endsWith(hour);
    }
  }

  @Test
  void aBreakAloneMakesNoCandleOfAnyInterval() throws Exception {
    candles.add(A.breakAt("2024-01-08T14:40:00Z"));
    candles.watermark(Instant.parse("2024-01-10T00:00:00Z"));
    assertThat(candles.everyInterval()).isEmpty();
  }

  @Test
  void theVwapOfMinutesWithAndWithoutTradesIsThatOfTheTrades() throws Exception {
    Instant noon = Instant.parse("2024-01-08T12:00:00Z");
    candles.add(A.quote(noon, new BigDecimal(10), new BigDecimal(100)));
    candles.add(A.quote(noon.plusSeconds(60), new BigDecimal(11), new BigDecimal(107)));
    candles.add(A.trade(noon.plusSeconds(120), 1, new BigDecimal(20), new BigDecimal(3)));
    candles.passMillis(500);
    assertThat(last(Interval.HOUR))
        .returns("10", Row::volume)
        .returns("20", Row::vwap)
        .returns(1L, Row::trades);
  }

  @Test
  void aDayOfMinutesLeavesADozenMinutesAndAHandfulOfCandlesInState() throws Exception {
    MinuteCandles state = new MinuteCandles();
    Instant begin = Instant.parse("2024-01-08T00:00:00Z");
    int mostMinutes = 0;
    int mostCandles = 0;
    for (int minute = 0; minute < 3 * 1440; minute++) {
      Instant time = begin.plusSeconds(60L * minute);
      MinuteEvents arrived =
          Events.minute(A.trade(time, minute, BigDecimal.TEN, new BigDecimal("0.01")));
      state.longer.open(state.add(arrived).events, candle -> {});
      long moment = time.toEpochMilli() - 1;
      state.settle(
          moment + 1 - MinuteEvents.MINUTE_MILLIS - CandleFunction.ALLOWED_LATENESS_MILLIS);
      state.longer.letGo(moment);
      mostMinutes = Math.max(mostMinutes, state.minutes.size());
      mostCandles = Math.max(mostCandles, state.longer.size());
    }
    // Four of 5 minutes, two of each longer interval, where all of them have just begun anew.
    assertThat(mostMinutes).isLessThanOrEqualTo(12);
    assertThat(mostCandles).isLessThanOrEqualTo(4 + 2 + 2 + 2);
    DataOutputSerializer bytes = new DataOutputSerializer(64);
    new MinuteCandlesSerializer().serialize(state, bytes);
    assertThat(bytes.length()).isLessThan(6_000);
    MinuteCandles read =
        new MinuteCandlesSerializer()
            .deserialize(new DataInputDeserializer(bytes.getCopyOfBuffer()));
    assertThat(read.longer.size()).isEqualTo(state.longer.size());
  }

  private Row last(Interval interval) {
    List<Row> rows = candles.rows(interval);
    return rows.get(rows.size() - 1);
  }
}
