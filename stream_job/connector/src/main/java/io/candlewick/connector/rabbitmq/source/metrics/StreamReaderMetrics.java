package io.candlewick.connector.rabbitmq.source.metrics;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.annotation.Internal;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.groups.SourceReaderMetricGroup;

/**
 * Flink's standard metrics of a source that the base class does not know, and those of each queue.
 */
@Internal
public final class StreamReaderMetrics {
  private final SourceReaderMetricGroup group;
  private final Counter recordsIn;
  private final Map<String, StreamSplitMetrics> queues = new ConcurrentHashMap<>();

  public StreamReaderMetrics(SourceReaderMetricGroup group) {
    this.group = group;
    this.recordsIn = group.getIOMetricGroup().getNumRecordsInCounter();
    group.setPendingRecordsGauge(
        () -> queues.values().stream().mapToLong(StreamSplitMetrics::pendingRecords).sum());
  }

  public StreamSplitMetrics ofQueue(String queue) {
    return queues.computeIfAbsent(
        queue,
        name -> new StreamSplitMetrics(group.addGroup("rabbitmqStream").addGroup("queue", name)));
  }

  /** Corrects {@code numRecordsIn}, where the base class counted a message as one record. */
  public void messageHeld(int elements) {
    recordsIn.inc(elements - 1L);
  }

  /** Counts what could not be decoded. */
  public void errors(int count) {
    group.getNumRecordsInErrorsCounter().inc(count);
  }
}
