package io.candlewick.connector.rabbitmq.source.split;

import io.candlewick.connector.rabbitmq.source.StartingOffsets;
import org.apache.flink.annotation.Internal;

/** What of a split has been emitted. It belongs to the task's thread, as the checkpoints do. */
@Internal
public final class StreamSplitState {
  private final StreamSplit split;
  private final MessageIdWindow ids;
  private long nextOffset;

  public StreamSplitState(StreamSplit split, int deduplicationWindow) {
    this.split = split;
    this.ids = new MessageIdWindow(deduplicationWindow, split.recentIds());
    this.nextOffset = split.nextOffset();
  }

  public String queue() {
    return split.splitId();
  }

  /** Notes that everything of a message is emitted. */
  public void advance(long nextOffset, MessageId id) {
    this.nextOffset = nextOffset;
    ids.add(id);
  }

  /** The split as it goes into a checkpoint. */
  public StreamSplit toSplit() {
    StartingOffsets start = nextOffset < 0 ? split.start() : StartingOffsets.offset(nextOffset);
    return new StreamSplit(split.splitId(), start, split.stoppingOffset(), ids.snapshot());
  }
}
