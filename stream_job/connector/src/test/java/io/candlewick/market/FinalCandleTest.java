package io.candlewick.market;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.LocalDate;
import org.apache.flink.types.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the candle operator hands to indicators. */
class FinalCandleTest {

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
  void anUnfinishedCandleIsNotHandedOn() throws Exception {
    candles.add(A.trade("2024-01-08T14:37:05Z", 1, "10.5", "2"));
    candles.watermark(Instant.parse("2024-01-08T14:37:59.999Z"));
    assertThat(candles.finalCandles("A", Interval.MINUTE)).isEmpty();
  }

  @Test
  void aFinalCandleIsHandedOnWithEveryDigit() throws Exception {
    candles.add(A.trade("2024-01-08T14:37:05Z", 1, "10.500000000000000001", "3"));
    candles.add(A.trade("2024-01-08T14:37:06Z", 2, "10.4", "0"));
    candles.watermark(Instant.parse("2024-01-08T14:38:00Z"));
    assertThat(candles.finalCandles("A", Interval.MINUTE))
        .containsExactly(
            Row.of(
                "A",
                "1m",
                Instant.parse("2024-01-08T14:37:00Z").toEpochMilli() * 1000,
                LocalDate.parse("2024-01-08").toEpochDay(),
                "10.500000000000000001",
                "10.500000000000000001",
                "10.4",
                "10.4",
                "3",
                "10.500000000000000001",
                5L));
  }

  @Test
  void theVolumeIsFoundInARowWithoutNamesToo() {
    Row row = Row.of("A", "1m", 0L, 0L, "1", "2", "0.5", "1.5", "12.25", null, 3L);
    assertThat(FinalCandle.volumeOf(row)).isEqualTo("12.25");
  }

  @Test
  void aCandleWithoutTradedVolumeHasNoVwap() throws Exception {
    candles.add(A.trade("2024-01-08T14:37:05Z", 1, "10.5", "0"));
    candles.watermark(Instant.parse("2024-01-08T14:38:00Z"));
    assertThat(candles.finalCandles("A", Interval.MINUTE))
        .singleElement()
        .returns(null, row -> row.getField("vwap"));
  }

  @Test
  void aCorrectionIsHandedOnWithAHigherRevision() throws Exception {
    candles.add(A.trade("2024-01-08T14:37:05Z", 1, "10", "1"));
    candles.watermark(Instant.parse("2024-01-08T14:40:00Z"));
    candles.add(A.trade("2024-01-08T14:37:06Z", 2, "12", "1")).passMillis(500);
    assertThat(candles.finalCandles("A", Interval.MINUTE))
        .extracting(row -> row.getField("close") + " " + row.getField("revision"))
        .containsExactly("10 3", "12 5");
  }

  @Test
  void anHourBelongsToTheSessionOfItsLastTradeWhateverItsDate() throws Exception {
    Ticks evening = A.session("2024-01-08", null);
    Ticks next = A.session("2024-01-09", null);
    candles.add(evening.trade("2024-01-08T22:10:00Z", 1, "10", "1"));
    candles.add(next.trade("2024-01-08T23:10:00Z", 2, "10", "1"));
    candles.watermark(Instant.parse("2024-01-09T00:30:00Z"));
    assertThat(candles.finalCandles("A", Interval.HOUR))
        .extracting(row -> LocalDate.ofEpochDay((long) row.getField("trading_day")))
        .containsExactly(LocalDate.parse("2024-01-08"), LocalDate.parse("2024-01-09"));
  }
}
