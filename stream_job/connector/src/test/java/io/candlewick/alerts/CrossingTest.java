package io.candlewick.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CrossingTest {

  @Test
  void theFirstValueNeverCrosses() {
    assertThat(crossings(level("100", "0", Direction.BOTH), "100")).isEmpty();
    assertThat(crossings(level("100", "0", Direction.BOTH), "101")).isEmpty();
  }

  @Test
  void aValueThatReachesTheThresholdHasCrossedIt() {
    assertThat(crossings(level("100", "0", Direction.UP), "99", "100")).containsExactly("1 UP");
    assertThat(crossings(level("100", "0", Direction.DOWN), "101", "100"))
        .containsExactly("1 DOWN");
  }

  @Test
  void aValueThatStaysBeyondTheThresholdCrossesItOnce() {
    assertThat(crossings(level("100", "0", Direction.UP), "99", "101", "150", "100", "101"))
        .containsExactly("1 UP");
  }

  @Test
  void withoutHysteresisTheNextCrossingCountsOnceTheValueWasStrictlyBelow() {
    assertThat(crossings(level("100", "0", Direction.UP), "99", "101", "99.999", "100"))
        .containsExactly("1 UP", "3 UP");
  }

  @Test
  void withHysteresisTheNextCrossingCountsOnceTheValueWasThatFarBack() {
    Level level = level("100", "2", Direction.UP);
    assertThat(crossings(level, "99", "101", "98.01", "101")).containsExactly("1 UP");
    assertThat(crossings(level, "99", "101", "98", "99.9", "100")).containsExactly("1 UP", "4 UP");
  }

  @Test
  void theFirstCrossingNeedsNoHysteresis() {
    assertThat(crossings(level("100", "2", Direction.UP), "99.9", "100")).containsExactly("1 UP");
  }

  @Test
  void aValueThatBeginsBeyondTheThresholdHasToComeBackFirst() {
    assertThat(crossings(level("100", "2", Direction.UP), "101", "99", "101", "98", "100"))
        .containsExactly("4 UP");
  }

  @Test
  void eachDirectionHasAHysteresisOfItsOwn() {
    assertThat(
            crossings(level("100", "1", Direction.BOTH), "99", "101", "100", "100.5", "99", "100"))
        .containsExactly("1 UP", "2 DOWN", "5 UP");
  }

  @Test
  void theOtherDirectionIsNotTold() {
    assertThat(crossings(level("100", "0", Direction.DOWN), "99", "101", "99", "101"))
        .containsExactly("2 DOWN");
  }

  private static LongStream seeds() {
    return LongStream.rangeClosed(1, 200);
  }

  /**
   * Of a random walk, all values at once: those that say neither "beyond" nor "far enough back" are
   * taken out, and what is left crosses wherever a "beyond" follows a "back".
   */
  @ParameterizedTest
  @MethodSource("seeds")
  void everyCrossingOfARandomWalkIsToldOnceAlsoThroughSerialization(long seed) throws Exception {
    Random random = new Random(seed);
    BigDecimal hysteresis = BigDecimal.valueOf(random.nextInt(4));
    Level level = new Level(BigDecimal.ZERO, hysteresis, Direction.BOTH);
    int value = random.nextInt(-3, 4);
    int h = hysteresis.intValue();
    String lastUp = value >= 0 ? "beyond" : "back";
    String lastDown = value <= 0 ? "beyond" : "back";
    Crossing crossing = new Crossing();
    assertThat(crossing.next(level, BigDecimal.valueOf(value))).isNull();
    List<String> told = new ArrayList<>();
    List<String> expected = new ArrayList<>();
    for (int step = 1; step < 500; step++) {
      value = Math.max(-6, Math.min(6, value + random.nextInt(-2, 3)));
      String up = value >= 0 ? "beyond" : value <= -h ? "back" : lastUp;
      String down = value <= 0 ? "beyond" : value >= h ? "back" : lastDown;
      if (up.equals("beyond") && lastUp.equals("back")) {
        expected.add(step + " UP");
      }
      if (down.equals("beyond") && lastDown.equals("back")) {
        expected.add(step + " DOWN");
      }
      lastUp = up;
      lastDown = down;
      if (random.nextInt(20) == 0) {
        crossing = (Crossing) rewritten(crossing);
      }
      Direction crossed = crossing.next(level, BigDecimal.valueOf(value));
      if (crossed != null) {
        told.add(step + " " + crossed);
      }
    }
    assertThat(told).containsExactlyElementsOf(expected).isNotEmpty();
  }

  static Memory rewritten(Memory memory) throws Exception {
    DataOutputSerializer out = new DataOutputSerializer(64);
    memory.copy().write(out);
    return Memory.read(new DataInputDeserializer(out.getCopyOfBuffer()));
  }

  private static Level level(String threshold, String hysteresis, Direction direction) {
    return new Level(new BigDecimal(threshold), new BigDecimal(hysteresis), direction);
  }

  private static List<String> crossings(Level level, String... values) {
    Crossing crossing = new Crossing();
    List<String> told = new ArrayList<>();
    for (int i = 0; i < values.length; i++) {
      Direction crossed = crossing.next(level, new BigDecimal(values[i]));
      if (crossed != null) {
        told.add(i + " " + crossed);
      }
    }
    return told;
  }
}
