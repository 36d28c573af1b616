package io.candlewick.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CandleConditionsTest {

  private static final long MINUTE = 60_000_000L;

  @Test
  void aVolumeThatIsSoManyTimesTheMeanOfTheCandlesBeforeFires() throws Exception {
    VolumeSpike rule = new VolumeSpike(new BigDecimal("3"), 2);
    Memory memory = rule.begin();
    assertThat(volume(rule, memory, 0, "900", true)).as("nothing is before it").isNull();
    assertThat(volume(rule, memory, 1, "1", true)).isNull();
    assertThat(volume(rule, memory, 2, "1", true)).isNull();
    assertThat(volume(rule, memory, 3, "2.99", true)).isNull();
    memory = CrossingTest.rewritten(memory);
    Firing firing = volume(rule, memory, 4, "5.985", true);
    assertThat(firing.eventTimeMicros()).as("the end of the candle").isEqualTo(5 * MINUTE);
    assertThat(firing.value()).isEqualTo(5.985);
    assertThat(firing.message())
        .isEqualTo("The volume of A (1m) is 5.985, 3 times the mean of the 2 candles before.");
  }

  @Test
  void aSpikeThatFollowsAnotherIsToldToo() {
    VolumeSpike rule = new VolumeSpike(new BigDecimal("2"), 1);
    Memory memory = rule.begin();
    volume(rule, memory, 0, "1", true);
    assertThat(volume(rule, memory, 1, "2", true)).isNotNull();
    assertThat(volume(rule, memory, 2, "4", true)).isNotNull();
  }

  @Test
  void noVolumeIsASpikeAfterCandlesWithoutAny() {
    VolumeSpike rule = new VolumeSpike(new BigDecimal("2"), 1);
    Memory memory = rule.begin();
    volume(rule, memory, 0, "0", true);
    assertThat(volume(rule, memory, 1, "5", true)).isNull();
  }

  @Test
  void theCorrectionOfAVolumeChangesTheMeanAndDoesNotFire() {
    VolumeSpike rule = new VolumeSpike(new BigDecimal("2"), 2);
    Memory memory = rule.begin();
    volume(rule, memory, 0, "1", true);
    volume(rule, memory, 1, "1", true);
    assertThat(volume(rule, memory, 1, "100", false)).isNull();
    assertThat(volume(rule, memory, 2, "50", true)).as("the mean is 50.5").isNull();
    assertThat(volume(rule, memory, 2, "150", false)).isNull();
  }

  @Test
  void anIndicatorIsDecidedOnWhenItsCandleIsNewAndNotWhenItIsCorrected() {
    Level level = new Level(new BigDecimal("70"), new BigDecimal("2"), Direction.UP);
    IndicatorThreshold rule = new IndicatorThreshold("rsi_14", level);
    Memory memory = rule.begin();
    assertThat(rule.next(memory, values(0, "rsi_14", 65.0), true)).isNull();
    assertThat(rule.next(memory, values(0, "rsi_14", 75.0), false)).as("corrected").isNull();
    Firing firing = rule.next(memory, values(1, "rsi_14", 71.25), true);
    assertThat(firing.eventTimeMicros()).isEqualTo(2 * MINUTE);
    assertThat(firing.message()).isEqualTo("rsi_14 of A (1m) rose to 71.25 and crossed 70.");
  }

  @Test
  void aValueThatWarmsUpIsNotRead() {
    IndicatorCross cross = new IndicatorCross("ema_12", "ema_26", Direction.BOTH);
    assertThat(cross.reads(values(0, "ema_12", 1.0))).isFalse();
    assertThat(cross.reads(values(0, "ema_12", 1.0, "ema_26", null))).isFalse();
    assertThat(cross.reads(values(0, "ema_12", 1.0, "ema_26", 2.0))).isTrue();
  }

  @Test
  void anIndicatorThatCrossesAnotherFiresWithItsOwnValue() {
    IndicatorCross rule = new IndicatorCross("ema_12", "ema_26", Direction.BOTH);
    Memory memory = rule.begin();
    List<String> told = new ArrayList<>();
    double[][] candles = {{1, 2}, {2.5, 2.5}, {3, 2}, {1.5, 2}, {1, 2}, {2, 1}};
    for (int minute = 0; minute < candles.length; minute++) {
      CandleValues values =
          values(minute, "ema_12", candles[minute][0], "ema_26", candles[minute][1]);
      Firing firing = rule.next(memory, values, true);
      if (firing != null) {
        told.add(minute + " " + firing.value() + " " + firing.message());
      }
    }
    assertThat(told)
        .containsExactly(
            "1 2.5 ema_12 of A (1m) is 2.5 and crossed ema_26, which is 2.5, on its way up.",
            "3 1.5 ema_12 of A (1m) is 1.5 and crossed ema_26, which is 2, on its way down.",
            "5 2.0 ema_12 of A (1m) is 2 and crossed ema_26, which is 1, on its way up.");
  }

  static CandleValues values(int minute, Object... namesAndValues) {
    String[] names = new String[namesAndValues.length / 2];
    Double[] values = new Double[names.length];
    for (int i = 0; i < names.length; i++) {
      names[i] = (String) namesAndValues[2 * i];
      values[i] = (Double) namesAndValues[2 * i + 1];
    }
    return new CandleValues("A", "1m", minute * MINUTE, null, names, values);
  }

  static CandleValues volume(int minute, String volume) {
    return new CandleValues(
        "A", "1m", minute * MINUTE, new BigDecimal(volume), new String[0], new Double[0]);
  }

  private static Firing volume(
      VolumeSpike rule, Memory memory, int minute, String volume, boolean isNew) {
    return rule.next(memory, volume(minute, volume), isNew);
  }
}
