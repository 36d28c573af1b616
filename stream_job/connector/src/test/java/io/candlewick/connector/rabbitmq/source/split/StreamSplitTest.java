package io.candlewick.connector.rabbitmq.source.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.candlewick.connector.rabbitmq.source.StartingOffsets;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class StreamSplitTest {
  private static final long[] NO_IDS = {};
  private final StreamSplitSerializer serializer = new StreamSplitSerializer();

  @Test
  void aSplitSurvivesACheckpoint() throws Exception {
    for (StartingOffsets start :
        List.of(
            StartingOffsets.first(), StartingOffsets.offset(42), StartingOffsets.timestamp(7))) {
      StreamSplit split = new StreamSplit("queue", start, 99, new long[] {1, 2, 3, 4});
      assertThat(serializer.deserialize(serializer.getVersion(), serializer.serialize(split)))
          .isEqualTo(split);
    }
  }

  @Test
  void aNewerVersionIsRefusedWithASentence() throws Exception {
    byte[] bytes =
        serializer.serialize(new StreamSplit("queue", StartingOffsets.first(), 1, NO_IDS));
    assertThatThrownBy(() -> serializer.deserialize(2, bytes))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("written by a newer one");
  }

  @Test
  void theStateKeepsTheStartUntilSomethingIsEmitted() {
    StreamSplit split = new StreamSplit("queue", StartingOffsets.timestamp(7), 99, NO_IDS);
    StreamSplitState state = new StreamSplitState(split, 10);
    assertThat(state.toSplit()).isEqualTo(split);

    state.advance(12, MessageId.of("a"));
    assertThat(state.toSplit().nextOffset()).isEqualTo(12);
    assertThat(state.toSplit().stoppingOffset()).isEqualTo(99);
    assertThat(state.toSplit().recentIds()).hasSize(2);
  }
}
