package io.candlewick.alerts;

import static io.candlewick.alerts.AlertHarness.silent;
import static io.candlewick.alerts.AlertHarness.time;
import static io.candlewick.alerts.AlertHarness.trade;
import static org.assertj.core.api.Assertions.assertThat;

import io.candlewick.market.MarketEvent;
import io.candlewick.market.Ticks;
import java.math.BigDecimal;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;

class FeedSilentTest {

  @Test
  void aSilenceIsToldOnceWhenTheMarketHasGoneOnForSoLong() throws Exception {
    try (var alerts = AlertHarness.ofPrices(null)) {
      alerts.rules(silent(1, "A", 10)).add(trade("A", 0, "9")).watermark(599);
      assertThat(alerts.fired()).isEmpty();
      alerts.watermark(600).watermark(3000);
      assertThat(alerts.fired()).containsExactly("rule 1 at 600: 10.0");
    }
  }

  @Test
  void anEventPutsTheSilenceOffAndMakesTheNextOnePossible() throws Exception {
    try (var alerts = AlertHarness.ofPrices(null)) {
      alerts.rules(silent(1, "A", 10));
      alerts.add(trade("A", 0, "9")).watermark(500).add(trade("A", 550, "9")).watermark(1149);
      assertThat(alerts.fired()).isEmpty();
      alerts.watermark(1150).add(trade("A", 2000, "9")).watermark(2600);
      assertThat(alerts.fired()).containsExactly("rule 1 at 1150: 10.0", "rule 1 at 2600: 10.0");
    }
  }

  @Test
  void ofSeveralRulesEachHasItsOwnPatience() throws Exception {
    try (var alerts = AlertHarness.ofPrices(null)) {
      alerts.rules(silent(1, "A", 10), silent(2, "A", 2)).add(trade("A", 0, "9")).watermark(900);
      assertThat(alerts.fired())
          .containsExactlyInAnyOrder("rule 2 at 120: 2.0", "rule 1 at 600: 10.0");
    }
  }

  @Test
  void afterTheCloseOfTheSessionNothingIsSilent() throws Exception {
    try (var alerts = AlertHarness.ofPrices(null)) {
      Ticks session = Ticks.of("A").session("2024-08-09", "2024-08-09T12:15:00Z");
      alerts.rules(silent(1, "A", 10));
      alerts.add(session.trade(time(400), 1, BigDecimal.TEN, BigDecimal.ONE)).watermark(90_000);
      assertThat(alerts.fired()).isEmpty();
      Ticks next = Ticks.of("A").session("2024-08-10", "2024-08-10T20:00:00Z");
      alerts.add(next.trade(time(90_000), 2, BigDecimal.TEN, BigDecimal.ONE)).watermark(91_000);
      assertThat(alerts.fired()).containsExactly("rule 1 at 90600: 10.0");
    }
  }

  @Test
  void theEndOfABoundedStreamIsNoSilence() throws Exception {
    try (var alerts = AlertHarness.ofPrices(null)) {
      alerts.rules(silent(1, "A", 10)).add(trade("A", 0, "9")).lastWatermark();
      assertThat(alerts.fired()).isEmpty();
    }
  }

  @Test
  void whereNothingMovesTheWatermarkOurClockTellsOnceTheSourceIsIdle() throws Exception {
    try (var alerts = AlertHarness.ofPrices(null)) {
      alerts.clock(1000).rules(silent(1, "A", 10)).add(trade("A", 0, "9")).watermark(1);
      alerts.clock(1599).idle(true);
      assertThat(alerts.fired()).isEmpty();
      alerts.clock(1600);
      assertThat(alerts.fired()).containsExactly("rule 1 at 600: 10.0");
      alerts.clock(9000).idle(false).watermark(700);
      assertThat(alerts.fired()).as("the same silence by the market's clock").hasSize(1);
    }
  }

  @Test
  void aJobThatIsHeldBackIsNoSilence() throws Exception {
    try (var alerts = AlertHarness.ofPrices(null)) {
      alerts.clock(1000).rules(silent(1, "A", 10)).add(trade("A", 0, "9")).watermark(1);
      alerts.clock(5000);
      assertThat(alerts.fired()).as("the source does not say that it is idle").isEmpty();
      alerts.add(trade("A", 300, "9")).clock(5100).idle(true);
      assertThat(alerts.fired()).isEmpty();
    }
  }

  @Test
  void aRestartWithABacklogIsNoSilence() throws Exception {
    OperatorSubtaskState snapshot;
    try (var alerts = AlertHarness.ofPrices(null)) {
      alerts.clock(1000).rules(silent(1, "A", 10)).add(trade("A", 0, "9")).watermark(1);
      snapshot = alerts.snapshot();
    }
    try (AlertHarness<MarketEvent> alerts = AlertHarness.ofPrices(snapshot)) {
      alerts.clock(9000).idle(true).clock(9030);
      assertThat(alerts.fired()).isEmpty();
      alerts.idle(false);
      for (int second = 10; second <= 8000; second += 10) {
        alerts.add(trade("A", second, "9")).watermark(second - 2);
      }
      assertThat(alerts.fired()).isEmpty();
    }
  }

  @Test
  void aSilenceThatGoesOnAfterARestartIsToldWhenItHasLastedSoLongSinceThen() throws Exception {
    OperatorSubtaskState snapshot;
    try (var alerts = AlertHarness.ofPrices(null)) {
      alerts.clock(1000).rules(silent(1, "A", 10)).add(trade("A", 0, "9"));
      snapshot = alerts.snapshot();
    }
    try (AlertHarness<MarketEvent> alerts = AlertHarness.ofPrices(snapshot)) {
      alerts.clock(9000).idle(true).clock(9599);
      assertThat(alerts.fired()).isEmpty();
      alerts.clock(9611);
      assertThat(alerts.fired()).containsExactly("rule 1 at 600: 10.0");
    }
  }
}
