package io.candlewick.market;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The daily candle is that of the venue's session, as its events tell. */
class TradingDayTest {

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

  @ParameterizedTest
  @CsvSource({
    "2024-01-08, 2024-01-08T21:00:00Z", // New York in winter,
    "2024-07-08, 2024-07-08T20:00:00Z", // in summer,
    "2024-11-29, 2024-11-29T18:00:00Z", // and on the day after Thanksgiving.
  })
  void aDayIsFinalWhenTheSessionCloses(String day, String close) throws Exception {
    Ticks session = A.session(day, close);
    candles.add(session.trade(day + "T15:00:00Z", 1, "10", "1"));
    candles.watermark(Instant.parse(close).minusMillis(1));
    assertThat(day(day)).returns(false, Row::isFinal);
    candles.watermark(Instant.parse(close));
    assertThat(day(day)).returns(true, Row::isFinal).returns(3L, Row::revision);
  }

  @Test
  void withoutASessionEndADayIsFinalAtTheEndOfItsUtcDate() throws Exception {
    candles.add(A.session("2024-01-08", null).trade("2024-01-08T15:00:00Z", 1, "10", "1"));
    candles.watermark(Instant.parse("2024-01-08T23:59:59.999Z"));
    assertThat(day("2024-01-08")).returns(false, Row::isFinal);
    candles.watermark(Instant.parse("2024-01-09T00:00:00Z"));
    assertThat(day("2024-01-08")).returns(true, Row::isFinal);
  }

  @Test
  void aSessionEndThatIsLearnedLaterEndsTheDay() throws Exception {
    candles.add(A.session("2024-01-08", null).trade("2024-01-08T15:00:00Z", 1, "10", "1"));
    candles.add(
        A.session("2024-01-08", "2024-01-08T21:00:00Z")
            .trade("2024-01-08T15:00:01Z", 2, "10", "1"));
    candles.watermark(Instant.parse("2024-01-08T21:00:00Z"));
    assertThat(day("2024-01-08")).returns(true, Row::isFinal).returns(5L, Row::revision);
  }

  @Test
  void aSessionThatOpensTheEveningBeforeIsLabelledByItsDate() throws Exception {
    Ticks session = A.session("2024-01-09", "2024-01-09T22:00:00Z");
    candles.add(session.trade("2024-01-08T23:00:00Z", 1, "10", "1"));
    candles.watermark(Instant.parse("2024-01-09T00:30:00Z"));
    candles.add(session.trade("2024-01-09T21:59:59Z", 2, "12", "1"));
    candles.watermark(Instant.parse("2024-01-09T22:00:00Z"));
    assertThat(candles.rows(Interval.DAY).stream().map(Row::minute)).containsOnly("00:00");
    assertThat(day("2024-01-09"))
        .returns("10", Row::open)
        .returns("12", Row::close)
        .returns(true, Row::isFinal);
  }

  @Test
  void tradesAfterHoursCorrectTheFinalDayUntilTheNextOneBegins() throws Exception {
    Ticks monday = A.session("2024-01-08", "2024-01-08T21:00:00Z");
    candles.add(monday.trade("2024-01-08T20:59:00Z", 1, "10", "1"));
    candles.watermark(Instant.parse("2024-01-08T23:00:00Z"));
    candles.add(monday.trade("2024-01-08T23:00:00Z", 2, "11", "1")).passMillis(500);
    assertThat(day("2024-01-08"))
        .returns("10", Row::open)
        .returns("11", Row::close)
        .returns(true, Row::isFinal)
        .returns(5L, Row::revision);
    Ticks tuesday = A.session("2024-01-09", "2024-01-09T21:00:00Z");
    candles.add(tuesday.trade("2024-01-09T14:30:00Z", 3, "12", "1"));
    candles.watermark(Instant.parse("2024-01-09T15:00:00Z"));
    candles.add(monday.trade("2024-01-09T15:00:00Z", 4, "99", "1")).passMillis(500);
    assertThat(day("2024-01-08")).returns("11", Row::close);
    assertThat(day("2024-01-09")).returns("12", Row::close).returns("1", Row::volume);
  }

  private Row day(String label) {
    return candles.everyInterval().get("A 1d " + label + "T00:00:00Z");
  }
}
