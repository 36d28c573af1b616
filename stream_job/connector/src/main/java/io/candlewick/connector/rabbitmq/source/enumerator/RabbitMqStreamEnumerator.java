package io.candlewick.connector.rabbitmq.source.enumerator;

import io.candlewick.connector.rabbitmq.connection.Backoff;
import io.candlewick.connector.rabbitmq.source.StreamSourceOptions;
import io.candlewick.connector.rabbitmq.source.split.StreamSplit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.util.FlinkRuntimeException;

/**
 * Spreads the queues over the readers: the n-th queue belongs to reader n modulo the parallelism.
 * Splits that readers restored from a checkpoint stay where Flink put them.
 */
@Internal
public final class RabbitMqStreamEnumerator
    implements SplitEnumerator<StreamSplit, StreamEnumeratorState> {
  private final StreamSourceOptions options;
  private final SplitEnumeratorContext<StreamSplit> context;
  private final SplitDiscovery discovery;
  private final Backoff backoff = new Backoff();
  private final Set<String> discovered;
  private final List<StreamSplit> unassigned;

  public RabbitMqStreamEnumerator(
      StreamSourceOptions options,
      SplitEnumeratorContext<StreamSplit> context,
      StreamEnumeratorState state) {
    this.options = options;
    this.context = context;
    this.discovery = new SplitDiscovery(options);
    this.discovered = new LinkedHashSet<>(state.discoveredQueues());
    this.unassigned = new ArrayList<>(state.unassignedSplits());
  }

  @Override
  public void start() {
    List<String> unknown = unknownQueues();
    if (discovery.needsBroker() && !unknown.isEmpty()) {
      discoverAfter(0, unknown);
      return;
    }
    for (String queue : unknown) {
      discovered.add(queue);
      unassigned.add(discovery.withoutBroker(queue));
    }
    assign();
  }

  private void discoverAfter(long delayMillis, List<String> queues) {
    context.callAsync(
        () -> {
          Thread.sleep(delayMillis);
          return discovery.discover(queues);
        },
        this::handleDiscovered);
  }

  private void handleDiscovered(Map<String, Optional<StreamSplit>> found, Throwable error) {
    if (error != null) {
      throw new FlinkRuntimeException(error.getMessage(), error);
    }
    found.forEach(
        (queue, split) -> {
          discovered.add(queue);
          split.ifPresent(unassigned::add);
        });
    List<String> unknown = unknownQueues();
    if (!unknown.isEmpty()) {
      discoverAfter(backoff.fail(), unknown);
    }
    assign();
  }

  private List<String> unknownQueues() {
    return options.queues().stream().filter(queue -> !discovered.contains(queue)).toList();
  }

  @Override
  public void addReader(int subtaskId) {
    assign();
  }

  @Override
  public void addSplitsBack(List<StreamSplit> splits, int subtaskId) {
    unassigned.addAll(splits);
    assign();
  }

  /** Hands out what can be handed out, and tells the readers when that was all. */
  private void assign() {
    Set<Integer> readers = context.registeredReaders().keySet();
    unassigned.removeIf(
        split -> {
          int owner = ownerOf(split);
          if (!readers.contains(owner)) {
            return false;
          }
          context.assignSplit(split, owner);
          return true;
        });
    if (unknownQueues().isEmpty()) {
      readers.forEach(this::tellThatAllIsAssigned);
    }
  }

  private void tellThatAllIsAssigned(int reader) {
    if (unassigned.stream().anyMatch(split -> ownerOf(split) == reader)) {
      return;
    }
    if (options.bounded()) {
      context.signalNoMoreSplits(reader);
    } else {
      context.sendEventToSourceReader(reader, new AllSplitsAssignedEvent());
    }
  }

  private int ownerOf(StreamSplit split) {
    return Math.max(0, options.queues().indexOf(split.splitId())) % context.currentParallelism();
  }

  @Override
  public void handleSplitRequest(int subtaskId, String requesterHostname) {
    // Readers do not ask: queues are given to them.
  }

  @Override
  public StreamEnumeratorState snapshotState(long checkpointId) {
    return new StreamEnumeratorState(Set.copyOf(discovered), List.copyOf(unassigned));
  }

  @Override
  public void close() {
    // The connections live only as long as a discovery.
  }
}
