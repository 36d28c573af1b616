package io.candlewick.connector.rabbitmq.source.enumerator;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlewick.connector.rabbitmq.connection.BrokerUri;
import io.candlewick.connector.rabbitmq.source.StartingOffsets;
import io.candlewick.connector.rabbitmq.source.StreamSourceOptions;
import io.candlewick.connector.rabbitmq.source.split.StreamSplit;
import java.util.List;
import java.util.Set;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.connector.testutils.source.reader.TestingSplitEnumeratorContext;
import org.junit.jupiter.api.Test;

class RabbitMqStreamEnumeratorTest {
  private static final long[] NO_IDS = {};

  private final TestingSplitEnumeratorContext<StreamSplit> context =
      new TestingSplitEnumeratorContext<>(2);

  @Test
  void theQueuesAreSpreadOverTheReaders() {
    RabbitMqStreamEnumerator enumerator =
        started(List.of("a", "b", "c"), StreamEnumeratorState.empty());
    register(enumerator, 0);
    register(enumerator, 1);
    assertThat(assignedTo(0)).containsExactly("a", "c");
    assertThat(assignedTo(1)).containsExactly("b");
  }

  @Test
  void aQueueWaitsForItsReader() {
    RabbitMqStreamEnumerator enumerator = started(List.of("a", "b"), StreamEnumeratorState.empty());
    register(enumerator, 0);
    StreamEnumeratorState state = enumerator.snapshotState(1);
    assertThat(state.discoveredQueues()).containsExactlyInAnyOrder("a", "b");
    assertThat(state.unassignedSplits()).extracting(StreamSplit::splitId).containsExactly("b");
  }

  @Test
  void theSplitsOfAFailedReaderAreGivenOutAgain() {
    RabbitMqStreamEnumerator enumerator = started(List.of("a", "b"), StreamEnumeratorState.empty());
    register(enumerator, 0);
    register(enumerator, 1);
    StreamSplit readSoFar = split("b", StartingOffsets.offset(9));
    context.registeredReaders().remove(1);
    enumerator.addSplitsBack(List.of(readSoFar), 1);
    assertThat(enumerator.snapshotState(1).unassignedSplits()).containsExactly(readSoFar);
    register(enumerator, 1);
    assertThat(context.getSplitAssignments().get(1).getAssignedSplits()).endsWith(readSoFar);
    assertThat(enumerator.snapshotState(2).unassignedSplits()).isEmpty();
  }

  @Test
  void afterARestoreOnlyNewQueuesAreAssigned() {
    RabbitMqStreamEnumerator enumerator =
        started(List.of("a", "b", "c"), new StreamEnumeratorState(Set.of("a", "b"), List.of()));
    register(enumerator, 0);
    register(enumerator, 1);
    assertThat(assignedTo(0)).containsExactly("c");
    assertThat(context.getSplitAssignments()).doesNotContainKey(1);
  }

  @Test
  void readersLearnWhenEverythingIsAssigned() {
    RabbitMqStreamEnumerator enumerator = started(List.of("a"), StreamEnumeratorState.empty());
    register(enumerator, 1);
    List<SourceEvent> events = context.getSentEvents().get(1);
    assertThat(events).containsExactly(new AllSplitsAssignedEvent());
  }

  @Test
  void theStateSurvivesACheckpoint() throws Exception {
    StreamEnumeratorState state =
        new StreamEnumeratorState(Set.of("a", "b"), List.of(split("b", StartingOffsets.last())));
    StreamEnumeratorStateSerializer serializer = new StreamEnumeratorStateSerializer();
    assertThat(serializer.deserialize(serializer.getVersion(), serializer.serialize(state)))
        .isEqualTo(state);
  }

  private RabbitMqStreamEnumerator started(List<String> queues, StreamEnumeratorState state) {
    StreamSourceOptions options =
        new StreamSourceOptions(
            BrokerUri.parse("amqp://nowhere/x"),
            queues,
            StartingOffsets.first(),
            false,
            1,
            null,
            1,
            1,
            1);
    RabbitMqStreamEnumerator enumerator = new RabbitMqStreamEnumerator(options, context, state);
    enumerator.start();
    return enumerator;
  }

  private void register(RabbitMqStreamEnumerator enumerator, int reader) {
    context.registerReader(reader, "host");
    enumerator.addReader(reader);
  }

  private List<String> assignedTo(int reader) {
    return context.getSplitAssignments().get(reader).getAssignedSplits().stream()
        .map(StreamSplit::splitId)
        .toList();
  }

  private static StreamSplit split(String queue, StartingOffsets start) {
    return new StreamSplit(queue, start, StreamSplit.NO_STOPPING_OFFSET, NO_IDS);
  }
}
