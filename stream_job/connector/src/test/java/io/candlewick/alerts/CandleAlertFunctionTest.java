package io.candlewick.alerts;

import static io.candlewick.alerts.CandleConditionsTest.values;
import static io.candlewick.alerts.CandleConditionsTest.volume;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;

class CandleAlertFunctionTest {

  private static final AlertRule SPIKE = rule(1, "volume_spike", "{\"ratio\": 2, \"candles\": 1}");
  private static final AlertRule STRENGTH =
      rule(
          2,
          "indicator_threshold",
          "{\"indicator\": \"rsi_14\", \"threshold\": 70, \"direction\": \"both\"}");

  @Test
  void volumesAndIndicatorsOfOneCandleAreReadByTheirOwnRules() throws Exception {
    try (var alerts = AlertHarness.ofCandles(null)) {
      alerts.rules(SPIKE, STRENGTH);
      alerts.add(volume(0, "1")).add(values(0, "rsi_14", 50.0, "sma_20", null));
      alerts.add(volume(1, "2")).add(values(1, "rsi_14", 75.0, "sma_20", 3.0));
      assertThat(alerts.fired()).containsExactly(firing(1, 2, "2.0"), firing(2, 2, "75.0"));
    }
  }

  @Test
  void aLateCorrectionOfACandleDoesNotFireAgainNorForTheFirstTime() throws Exception {
    try (var alerts = AlertHarness.ofCandles(null)) {
      alerts.rules(SPIKE, STRENGTH);
      alerts.add(volume(0, "1")).add(values(0, "rsi_14", 50.0));
      alerts.add(volume(1, "2")).add(values(1, "rsi_14", 75.0));
      alerts.add(volume(1, "3")).add(values(1, "rsi_14", 60.0)).add(values(1, "rsi_14", 80.0));
      alerts.add(volume(2, "3")).add(values(2, "rsi_14", 60.0));
      alerts.add(volume(2, "300")).add(values(2, "rsi_14", 90.0));
      assertThat(alerts.fired())
          .containsExactly(firing(1, 2, "2.0"), firing(2, 2, "75.0"), firing(2, 3, "60.0"));
    }
  }

  @Test
  void candlesOfAnotherIntervalAreNotRead() throws Exception {
    try (var alerts = AlertHarness.ofCandles(null)) {
      alerts.rules(new AlertRule(1, "A", "volume_spike", "5m", SPIKE.parameters(), 0));
      alerts.add(volume(0, "1")).add(volume(1, "9"));
      assertThat(alerts.fired()).isEmpty();
      assertThat(alerts.symbols()).isZero();
    }
  }

  @Test
  void whatARuleRemembersOutlivesACrash() throws Exception {
    OperatorSubtaskState snapshot;
    try (var alerts = AlertHarness.ofCandles(null)) {
      alerts.rules(SPIKE, STRENGTH).add(volume(0, "1")).add(values(0, "rsi_14", 50.0));
      snapshot = alerts.snapshot();
    }
    try (var alerts = AlertHarness.ofCandles(snapshot)) {
      alerts.add(volume(1, "2")).rules(SPIKE, STRENGTH).add(values(1, "rsi_14", 75.0));
      assertThat(alerts.fired()).containsExactly(firing(1, 2, "2.0"), firing(2, 2, "75.0"));
    }
  }

  @Test
  void aRuleThatIsGoneIsForgotten() throws Exception {
    try (var alerts = AlertHarness.ofCandles(null)) {
      alerts.rules(SPIKE).add(volume(0, "1"));
      assertThat(alerts.symbols()).isEqualTo(1);
      alerts.rules().add(volume(1, "2"));
      assertThat(alerts.symbols()).isZero();
      alerts.rules(SPIKE).add(volume(2, "9"));
      assertThat(alerts.fired()).as("it has no candle to compare with").isEmpty();
    }
  }

  private static AlertRule rule(long id, String kind, String parameters) {
    return new AlertRule(id, "A", kind, "1m", parameters, 0);
  }

  /** An alert at the end of a minute after the epoch, as the harness tells it. */
  private static String firing(long rule, int minute, String value) {
    long second =
        Duration.between(AlertHarness.NOON, Instant.EPOCH.plusSeconds(60L * minute)).toSeconds();
    return "rule %d at %d: %s".formatted(rule, second, value);
  }
}
