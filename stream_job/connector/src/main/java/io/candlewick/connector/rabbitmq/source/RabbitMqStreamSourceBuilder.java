package io.candlewick.connector.rabbitmq.source;

import static org.apache.flink.util.Preconditions.checkArgument;
import static org.apache.flink.util.Preconditions.checkNotNull;

import io.candlewick.connector.rabbitmq.connection.BrokerUri;
import io.candlewick.connector.rabbitmq.source.reader.StreamDeserializationSchema;
import java.util.LinkedHashSet;
import java.util.List;
import org.apache.flink.annotation.PublicEvolving;

/**
 * Builds a {@link RabbitMqStreamSource}. The URI, the queues and the deserializer have no default.
 *
 * @param <T> the type of the elements
 */
@PublicEvolving
public final class RabbitMqStreamSourceBuilder<T> {
  private static final int MAX_PREFETCH = 65_535;

  private BrokerUri uri;
  private List<String> queues = List.of();
  private StreamDeserializationSchema<T> deserializer;
  private StartingOffsets startingOffsets = StartingOffsets.first();
  private boolean bounded;
  private int prefetch = RabbitMqStreamSource.DEFAULT_PREFETCH;
  private String deadLetterQueue;
  private double deadLetterMaxRatio = RabbitMqStreamSource.DEFAULT_DEAD_LETTER_MAX_RATIO;
  private int deadLetterWindow = RabbitMqStreamSource.DEFAULT_DEAD_LETTER_WINDOW;
  private int deduplicationWindow = RabbitMqStreamSource.DEFAULT_DEDUPLICATION_WINDOW;

  RabbitMqStreamSourceBuilder() {}

  /** Sets the address, such as {@code amqps://user:password@host:5671/vhost}. */
  public RabbitMqStreamSourceBuilder<T> setUri(String uri) {
    this.uri = BrokerUri.parse(uri);
    return this;
  }

  /** Sets the stream queues; each is one split. A queue that does not exist yet is waited for. */
  public RabbitMqStreamSourceBuilder<T> setQueues(List<String> queues) {
    this.queues = List.copyOf(new LinkedHashSet<>(queues));
    return this;
  }

  /** Sets the stream queues; each is one split. A queue that does not exist yet is waited for. */
  public RabbitMqStreamSourceBuilder<T> setQueues(String... queues) {
    return setQueues(List.of(queues));
  }

  /** Sets what turns a message into elements. */
  public RabbitMqStreamSourceBuilder<T> setDeserializer(
      StreamDeserializationSchema<T> deserializer) {
    this.deserializer = deserializer;
    return this;
  }

  /** Sets where to begin without a checkpoint; by default at the first message. */
  public RabbitMqStreamSourceBuilder<T> setStartingOffsets(StartingOffsets startingOffsets) {
    this.startingOffsets = startingOffsets;
    return this;
  }

  /**
   * Sets whether the source ends where the streams end at the start of the job; by default it never
   * ends.
   */
  public RabbitMqStreamSourceBuilder<T> setBounded(boolean bounded) {
    this.bounded = bounded;
    return this;
  }

  /**
   * Sets how many messages of one queue may be delivered and not yet decoded: it bounds the memory.
   */
  public RabbitMqStreamSourceBuilder<T> setPrefetch(int prefetch) {
    checkArgument(
        prefetch > 0 && prefetch <= MAX_PREFETCH,
        "The prefetch is between 1 and 65535, but it is %s.",
        prefetch);
    this.prefetch = prefetch;
    return this;
  }

  /** Sets the queue for what cannot be decoded. Without one, such a message fails the job. */
  public RabbitMqStreamSourceBuilder<T> setDeadLetterQueue(String deadLetterQueue) {
    this.deadLetterQueue = deadLetterQueue;
    return this;
  }

  /**
   * Sets when to fail because nearly everything is undecodable.
   *
   * @param maxRatio share of messages without one good element that is still accepted, 0 to 1; 1
   *     accepts any
   * @param window of how many of the latest messages of a reader it is taken
   */
  public RabbitMqStreamSourceBuilder<T> setDeadLetterLimit(double maxRatio, int window) {
    checkArgument(
        maxRatio >= 0 && maxRatio <= 1,
        "The dead-letter ratio is between 0 and 1, but it is %s.",
        maxRatio);
    checkArgument(
        window > 0, "The dead-letter window is at least one message, but it is %s.", window);
    this.deadLetterMaxRatio = maxRatio;
    this.deadLetterWindow = window;
    return this;
  }

  /**
   * Sets how many message ids of each queue are remembered to drop re-published messages; 0
   * remembers none.
   */
  public RabbitMqStreamSourceBuilder<T> setDeduplicationWindow(int messages) {
    checkArgument(
        messages >= 0, "The deduplication window is not negative, but it is %s.", messages);
    this.deduplicationWindow = messages;
    return this;
  }

  /** Builds the source; nothing is connected yet. */
  public RabbitMqStreamSource<T> build() {
    checkNotNull(uri, "A RabbitMQ stream source needs the URI of a broker.");
    checkNotNull(deserializer, "A RabbitMQ stream source needs a deserializer.");
    checkArgument(!queues.isEmpty(), "A RabbitMQ stream source needs at least one queue.");
    return new RabbitMqStreamSource<>(
        new StreamSourceOptions(
            uri,
            queues,
            startingOffsets,
            bounded,
            prefetch,
            deadLetterQueue,
            deadLetterMaxRatio,
            deadLetterWindow,
            deduplicationWindow),
        deserializer);
  }
}
