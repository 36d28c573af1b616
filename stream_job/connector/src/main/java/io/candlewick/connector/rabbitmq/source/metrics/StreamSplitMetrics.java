package io.candlewick.connector.rabbitmq.source.metrics;

import org.apache.flink.annotation.Internal;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.ThreadSafeSimpleCounter;

/**
 * The metrics of one queue, in the group {@code rabbitmqStream.queue.<name>}. Counters may be used
 * by any thread.
 */
@Internal
public final class StreamSplitMetrics {
  /** Messages whose elements were emitted. */
  public static final String MESSAGES = "messages";

  /** Messages dropped because their id was seen before. */
  public static final String DUPLICATES = "duplicates";

  /** Messages and single elements that the dead-letter queue has confirmed. */
  public static final String DEAD_LETTERS = "deadLetters";

  /** How often the queue was subscribed to again after the connection or the queue was lost. */
  public static final String RECONNECTS = "reconnects";

  /** Offsets that retention removed before they were read. */
  public static final String LOST_MESSAGES = "lostMessages";

  /** The offset that is emitted next, -1 before the first message. */
  public static final String CURRENT_OFFSET = "currentOffset";

  private final Counter messages = new ThreadSafeSimpleCounter();
  private final Counter duplicates = new ThreadSafeSimpleCounter();
  private final Counter deadLetters = new ThreadSafeSimpleCounter();
  private final Counter reconnects = new ThreadSafeSimpleCounter();
  private final Counter lostMessages = new ThreadSafeSimpleCounter();
  private final Counter elements = new ThreadSafeSimpleCounter();
  private volatile long currentOffset = -1;
  private volatile long endOffset = -1;

  StreamSplitMetrics(MetricGroup group) {
    group.counter(MESSAGES, messages);
    group.counter(DUPLICATES, duplicates);
    group.counter(DEAD_LETTERS, deadLetters);
    group.counter(RECONNECTS, reconnects);
    group.counter(LOST_MESSAGES, lostMessages);
    group.gauge(CURRENT_OFFSET, () -> currentOffset);
  }

  /** Notes a message that was emitted with so many elements. */
  public void emitted(int elementCount, long nextOffset) {
    messages.inc();
    elements.inc(elementCount);
    currentOffset = nextOffset;
  }

  /** Notes a message that was dropped as a duplicate. */
  public void duplicate(long nextOffset) {
    duplicates.inc();
    currentOffset = nextOffset;
  }

  public void deadLetters(int count) {
    deadLetters.inc(count);
  }

  public void reconnected() {
    reconnects.inc();
  }

  public void lost(long offsets) {
    lostMessages.inc(offsets);
  }

  /** Notes where the stream ends at the moment. */
  public void end(long offset) {
    endOffset = offset;
  }

  /**
   * Elements that wait in the queue: its messages, times what a message has held on average so far.
   */
  long pendingRecords() {
    if (endOffset < 0 || currentOffset < 0) {
      return 0;
    }
    long emitted = Math.max(1, messages.getCount());
    double elementsPerMessage = (double) elements.getCount() / emitted;
    return Math.round(Math.max(0, endOffset - currentOffset) * elementsPerMessage);
  }
}
