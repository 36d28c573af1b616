package io.candlewick.alerts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConditionReaderTest {

  @Test
  void everyKindIsRead() throws Exception {
    Level level = new Level(new BigDecimal("65000"), new BigDecimal("50"), Direction.UP);
    assertThat(
            read(
                "price_cross",
                null,
                "{\"price\": \"65000\", \"direction\": \"up\", \"hysteresis\": \"50\"}"))
        .isEqualTo(new PriceCross(level));
    assertThat(
            read(
                "percent_move",
                null,
                "{\"percent\": \"2.5\", \"window_minutes\": 15, \"direction\": \"both\"}"))
        .isEqualTo(new PercentMove(new BigDecimal("2.5"), 15, BigDecimal.ZERO, Direction.BOTH));
    assertThat(
            read(
                "indicator_threshold",
                "1m",
                "{\"indicator\": \"rsi_14\", \"threshold\": 70, \"direction\": \"down\","
                    + " \"hysteresis\": 2.5}"))
        .isEqualTo(
            new IndicatorThreshold(
                "rsi_14", new Level(new BigDecimal("70"), new BigDecimal("2.5"), Direction.DOWN)));
    assertThat(
            read(
                "indicator_cross",
                "5m",
                "{\"indicator\": \"ema_12\", \"other\": \"ema_26\", \"direction\": \"up\"}"))
        .isEqualTo(new IndicatorCross("ema_12", "ema_26", Direction.UP));
    assertThat(read("volume_spike", "1d", "{\"ratio\": \"3\", \"candles\": 20}"))
        .isEqualTo(new VolumeSpike(new BigDecimal("3"), 20));
    assertThat(read("feed_silent", null, "{\"minutes\": 10}")).isEqualTo(new FeedSilent(10));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "price_cross||{}|price must be a decimal number",
        "price_cross||{\"price\": \"much\", \"direction\": \"up\"}|price must be a decimal number",
        "price_cross||{\"price\": \"1e999999999\", \"direction\": \"up\"}|price must be a decimal",
        "price_cross||{\"price\": \"1\"}|direction is missing",
        "price_cross||{\"price\": \"1\", \"direction\": \"left\"}|direction must be up",
        "price_cross||{\"price\": \"1\", \"direction\": \"up\", \"hysteresis\": \"-1\"}|not be neg",
        "price_cross|1m|{\"price\": \"1\", \"direction\": \"up\"}|events, which have no interval",
        "percent_move||{\"percent\": \"0\", \"window_minutes\": 1}|percent must be greater than 0",
        "percent_move||{\"percent\": \"1\", \"window_minutes\": 1.5, \"direction\": \"up\"}|whole",
        "percent_move||{\"percent\": \"1\", \"hysteresis\": \"1\"}|must be less than percent",
        "volume_spike||{\"ratio\": \"3\", \"candles\": 20}|needs an interval",
        "volume_spike|1m|{\"ratio\": \"3\", \"candles\": 0}|candles must be between 1 and 1000",
        "feed_silent||[]|minutes must be a whole number",
        "feed_silent||{|its parameters are not JSON",
        "weather||{}|needs an interval",
        "weather|1m|{}|its kind is unknown",
      })
  void whatCannotBeReadIsSaidWithTheRule(
      String kind, String interval, String parameters, String complaint) {
    assertThatThrownBy(() -> read(kind, interval, parameters))
        .isInstanceOf(UnreadableRuleException.class)
        .hasMessageStartingWith("The alert rule 7 (%s) cannot be read: ".formatted(kind))
        .hasMessageContaining(complaint);
  }

  private static Condition read(String kind, String interval, String parameters)
      throws UnreadableRuleException {
    return ConditionReader.read(new AlertRule(7, "A", kind, interval, parameters, 0));
  }
}
