package io.candlewick.connector.rabbitmq.source;

import java.io.Serializable;
import java.util.Date;
import org.apache.flink.annotation.PublicEvolving;

/**
 * Where a source begins to read a stream, as long as no checkpoint says otherwise.
 *
 * @param mode how the position is given
 * @param value the offset, or milliseconds since the epoch, where the mode needs one; else 0
 */
@PublicEvolving
public record StartingOffsets(Mode mode, long value) implements Serializable {

  /** The ways to give a position. */
  public enum Mode {
    FIRST,
    LAST,
    NEXT,
    OFFSET,
    TIMESTAMP
  }

  public StartingOffsets {
    if (value < 0) {
      throw new IllegalArgumentException(
          "A starting "
              + mode.name().toLowerCase(java.util.Locale.ROOT)
              + " is not negative, but it is "
              + value
              + ".");
    }
  }

  /** The oldest message that retention has left. */
  public static StartingOffsets first() {
    return new StartingOffsets(Mode.FIRST, 0);
  }

  /** The last chunk that the broker wrote, which holds one or more messages. */
  public static StartingOffsets last() {
    return new StartingOffsets(Mode.LAST, 0);
  }

  /** The first message that is published after the start of the job. */
  public static StartingOffsets next() {
    return new StartingOffsets(Mode.NEXT, 0);
  }

  /** The message with this offset. */
  public static StartingOffsets offset(long offset) {
    return new StartingOffsets(Mode.OFFSET, offset);
  }

  /**
   * The chunk that holds the first message published at that time or later, so that some earlier
   * ones may come too.
   *
   * @param millis milliseconds since the epoch, UTC, on the broker's clock; the broker counts in
   *     whole seconds
   */
  public static StartingOffsets timestamp(long millis) {
    return new StartingOffsets(Mode.TIMESTAMP, millis);
  }

  /** The value of the consumer argument {@code x-stream-offset}. */
  public Object toConsumerArgument() {
    return switch (mode) {
      case FIRST -> "first";
      case LAST -> "last";
      case NEXT -> "next";
      case OFFSET -> value;
      case TIMESTAMP -> new Date(value);
    };
  }
}
