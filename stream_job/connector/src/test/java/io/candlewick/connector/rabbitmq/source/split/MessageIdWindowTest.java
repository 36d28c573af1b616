package io.candlewick.connector.rabbitmq.source.split;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MessageIdWindowTest {
  private static final long[] NONE = {};

  @Test
  void anIdIsNewOnce() {
    MessageIdWindow window = new MessageIdWindow(10, NONE);
    assertThat(window.add(MessageId.of("a"))).isTrue();
    assertThat(window.add(MessageId.of("b"))).isTrue();
    assertThat(window.add(MessageId.of("a"))).isFalse();
  }

  @Test
  void theOldestIdIsForgottenFirst() {
    MessageIdWindow window = new MessageIdWindow(2, NONE);
    window.add(MessageId.of("a"));
    window.add(MessageId.of("b"));
    window.add(MessageId.of("c"));
    assertThat(window.add(MessageId.of("b"))).isFalse();
    assertThat(window.add(MessageId.of("a"))).isTrue();
    assertThat(window.snapshot()).hasSize(4);
  }

  @Test
  void aMessageWithoutAnIdIsAlwaysNew() {
    MessageIdWindow window = new MessageIdWindow(2, NONE);
    assertThat(window.add(MessageId.of(null))).isTrue();
    assertThat(window.add(MessageId.of(null))).isTrue();
    assertThat(window.snapshot()).isEmpty();
  }

  @Test
  void aSnapshotKeepsTheOrder() {
    MessageIdWindow window = new MessageIdWindow(3, NONE);
    window.add(MessageId.of("a"));
    window.add(MessageId.of("b"));
    MessageIdWindow restored = new MessageIdWindow(2, window.snapshot());
    restored.add(MessageId.of("c"));
    assertThat(restored.add(MessageId.of("b"))).isFalse();
    assertThat(restored.add(MessageId.of("a"))).isTrue();
  }

  @Test
  void aCapacityOfZeroRemembersNothing() {
    MessageIdWindow window = new MessageIdWindow(0, NONE);
    window.add(MessageId.of("a"));
    assertThat(window.add(MessageId.of("a"))).isTrue();
  }
}
