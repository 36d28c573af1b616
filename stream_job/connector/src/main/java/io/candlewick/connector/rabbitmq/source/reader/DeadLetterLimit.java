package io.candlewick.connector.rabbitmq.source.reader;

import java.util.BitSet;

/** Notices when nearly everything is undecodable, over a sliding window of messages. */
final class DeadLetterLimit {
  private final double maxRatio;
  private final int window;
  private final BitSet undecodable;
  private int next;
  private int count;

  DeadLetterLimit(double maxRatio, int window) {
    this.maxRatio = maxRatio;
    this.window = window;
    this.undecodable = new BitSet(window);
  }

  /**
   * Notes a message.
   *
   * @throws TooManyDeadLettersException when the share of undecodable ones in the window is above
   *     the limit
   */
  void record(boolean isUndecodable, String reason) {
    if (undecodable.get(next)) {
      count--;
    }
    undecodable.set(next, isUndecodable);
    next = (next + 1) % window;
    if (isUndecodable && ++count > maxRatio * window) {
      throw new TooManyDeadLettersException(count, window, reason);
    }
  }
}
