package io.candlewick.connector.rabbitmq.source.enumerator;

import io.candlewick.connector.rabbitmq.source.split.StreamSplit;
import java.util.List;
import java.util.Set;
import org.apache.flink.annotation.Internal;

/**
 * What the enumerator has decided.
 *
 * @param discoveredQueues queues that became a split, or that were empty in a bounded job
 * @param unassignedSplits splits that no reader has
 */
@Internal
public record StreamEnumeratorState(
    Set<String> discoveredQueues, List<StreamSplit> unassignedSplits) {

  /** The state of a job that starts afresh. */
  public static StreamEnumeratorState empty() {
    return new StreamEnumeratorState(Set.of(), List.of());
  }
}
