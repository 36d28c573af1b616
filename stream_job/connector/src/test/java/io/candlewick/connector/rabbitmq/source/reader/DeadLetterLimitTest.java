package io.candlewick.connector.rabbitmq.source.reader;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class DeadLetterLimitTest {
  @Test
  void theShareIsTakenOfTheWholeWindow() {
    DeadLetterLimit limit = new DeadLetterLimit(0.5, 4);
    limit.record(true, "bad");
    limit.record(true, "bad");
    assertThatThrownBy(() -> limit.record(true, "bad"))
        .isInstanceOf(TooManyDeadLettersException.class)
        .hasMessageContaining("Of the last 4 messages 3");
  }

  @Test
  void whatLeftTheWindowIsForgotten() {
    DeadLetterLimit limit = new DeadLetterLimit(0.5, 4);
    assertThatCode(
            () -> {
              for (int i = 0; i < 100; i++) {
                limit.record(i % 2 == 0, "bad");
              }
            })
        .doesNotThrowAnyException();
  }

  @Test
  void aRatioOfOneAcceptsAnything() {
    DeadLetterLimit limit = new DeadLetterLimit(1, 4);
    assertThatCode(
            () -> {
              for (int i = 0; i < 100; i++) {
                limit.record(true, "bad");
              }
            })
        .doesNotThrowAnyException();
  }
}
