package io.candlewick.connector.rabbitmq.source.split;

import io.candlewick.connector.rabbitmq.source.StartingOffsets;
import java.util.Arrays;
import java.util.Objects;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.connector.source.SourceSplit;

/** A stream queue and how far it has been read. */
@Internal
public final class StreamSplit implements SourceSplit {
  /** The stopping offset of a split that never ends. */
  public static final long NO_STOPPING_OFFSET = Long.MAX_VALUE;

  private final String queue;
  private final StartingOffsets start;
  private final long stoppingOffset;
  private final long[] recentIds;

  /**
   * Makes a split.
   *
   * @param queue name of the queue; it is the id of the split
   * @param start where to read on
   * @param stoppingOffset the first offset that is not read any more
   * @param recentIds snapshot of the {@link MessageIdWindow}
   */
  public StreamSplit(String queue, StartingOffsets start, long stoppingOffset, long[] recentIds) {
    this.queue = queue;
    this.start = start;
    this.stoppingOffset = stoppingOffset;
    this.recentIds = recentIds;
  }

  @Override
  public String splitId() {
    return queue;
  }

  public StartingOffsets start() {
    return start;
  }

  public long stoppingOffset() {
    return stoppingOffset;
  }

  public long[] recentIds() {
    return recentIds;
  }

  /** The offset to read on from, or -1 while only the broker knows it. */
  public long nextOffset() {
    return start.mode() == StartingOffsets.Mode.OFFSET ? start.value() : -1;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof StreamSplit that
        && queue.equals(that.queue)
        && start.equals(that.start)
        && stoppingOffset == that.stoppingOffset
        && Arrays.equals(recentIds, that.recentIds);
  }

  @Override
  public int hashCode() {
    return Objects.hash(queue, start, stoppingOffset, Arrays.hashCode(recentIds));
  }

  @Override
  public String toString() {
    String end = stoppingOffset == NO_STOPPING_OFFSET ? "" : " before offset " + stoppingOffset;
    return queue
        + " from "
        + start.toConsumerArgument()
        + end
        + ", "
        + recentIds.length / 2
        + " ids";
  }
}
