package io.candlewick.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PercentMoveTest {

  private static final long SECOND = 1_000_000L;

  @Test
  void aRiseFromTheLowestPriceOfTheWindowFiresOnce() {
    PercentMove rule = rule("10", 1, "0", Direction.UP);
    Memory memory = rule.begin();
    assertThat(next(rule, memory, 0, "100")).isNull();
    assertThat(next(rule, memory, 10, "95")).isNull();
    Firing firing = next(rule, memory, 20, "104.5");
    assertThat(firing.value()).isEqualTo(10.0);
    assertThat(firing.eventTimeMicros()).isEqualTo(20 * SECOND);
    assertThat(firing.message()).isEqualTo("A rose by 10 % within 1 min, to 104.5.");
    assertThat(next(rule, memory, 30, "120")).isNull();
  }

  @Test
  void aPriceThatHasLeftTheWindowCountsNoMore() {
    PercentMove rule = rule("10", 1, "0", Direction.UP);
    Memory memory = rule.begin();
    next(rule, memory, 0, "100");
    next(rule, memory, 30, "105");
    assertThat(next(rule, memory, 61, "111")).isNull();
    memory = rule.begin();
    next(rule, memory, 0, "100");
    assertThat(next(rule, memory, 60, "110")).as("a minute old still counts").isNotNull();
  }

  @Test
  void aFallIsTheMirrorImage() {
    PercentMove rule = rule("10", 1, "0", Direction.DOWN);
    Memory memory = rule.begin();
    next(rule, memory, 0, "100");
    Firing firing = next(rule, memory, 1, "90");
    assertThat(firing.value()).isEqualTo(-10.0);
    assertThat(firing.message()).startsWith("A fell by 10 %");
  }

  @Test
  void theNextMoveCountsOnceTheMoveWasSmallerByTheHysteresis() {
    PercentMove rule = rule("10", 5, "4", Direction.UP);
    Memory memory = rule.begin();
    next(rule, memory, 0, "100");
    assertThat(next(rule, memory, 1, "110")).isNotNull();
    next(rule, memory, 2, "106");
    assertThat(next(rule, memory, 3, "110")).as("it was never below 6 %").isNull();
    next(rule, memory, 4, "105.99");
    assertThat(next(rule, memory, 5, "110")).isNotNull();
  }

  private static LongStream seeds() {
    return LongStream.rangeClosed(1, 100);
  }

  /** Each move computed from all prices of its window, and told where one follows a small one. */
  @ParameterizedTest
  @MethodSource("seeds")
  void everyMoveOfARandomWalkIsToldOnceAlsoThroughSerialization(long seed) throws Exception {
    Random random = new Random(seed);
    PercentMove rule = rule("5", 1, String.valueOf(random.nextInt(4)), Direction.UP);
    double back = 5 - rule.hysteresis().doubleValue();
    Memory memory = rule.begin();
    List<long[]> seen = new ArrayList<>();
    List<Integer> told = new ArrayList<>();
    List<Integer> expected = new ArrayList<>();
    long time = 0;
    int price = 1000;
    boolean armed = true;
    for (int step = 0; step < 400; step++) {
      time += random.nextInt(20);
      price = Math.max(500, price + random.nextInt(-20, 21));
      seen.add(new long[] {time, price});
      long now = time;
      long low = seen.stream().filter(p -> p[0] >= now - 60).mapToLong(p -> p[1]).min().getAsLong();
      boolean reached = (price - low) * 100 >= 5 * low;
      if (armed && reached) {
        expected.add(step);
        armed = false;
      } else if ((price - low) * 100 < back * low) {
        armed = true;
      }
      if (random.nextInt(20) == 0) {
        memory = CrossingTest.rewritten(memory);
      }
      if (next(rule, memory, time, String.valueOf(price)) != null) {
        told.add(step);
      }
    }
    assertThat(told).containsExactlyElementsOf(expected).isNotEmpty();
  }

  private static PercentMove rule(
      String percent, int minutes, String hysteresis, Direction direction) {
    return new PercentMove(new BigDecimal(percent), minutes, new BigDecimal(hysteresis), direction);
  }

  private static Firing next(PercentMove rule, Memory memory, long second, String price) {
    return rule.next(memory, "A", second * SECOND, new BigDecimal(price));
  }
}
