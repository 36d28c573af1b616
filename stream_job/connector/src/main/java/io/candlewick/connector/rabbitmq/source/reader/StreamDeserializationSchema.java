package io.candlewick.connector.rabbitmq.source.reader;

import java.io.IOException;
import java.io.Serializable;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;

/**
 * Decodes the messages of a stream queue. One message may hold any number of elements.
 *
 * @param <T> the type of the elements
 */
@PublicEvolving
public interface StreamDeserializationSchema<T> extends Serializable, ResultTypeQueryable<T> {

  /** Called once in each subtask, before the first message. */
  default void open(DeserializationSchema.InitializationContext context) throws Exception {}

  /**
   * Decodes one message, in the fetcher's thread of the source; never two at a time.
   *
   * @throws IOException when the message as a whole is undecodable: it goes to the dead-letter
   *     queue as it is, and no element of it counts, not even one that was collected before the
   *     exception
   */
  void deserialize(StreamMessage message, Output<T> out) throws IOException;

  /** Makes a schema of any of Flink's formats; elements then carry no event time of their own. */
  static <T> StreamDeserializationSchema<T> of(DeserializationSchema<T> schema) {
    return new ValueOnlyDeserializationSchema<>(schema);
  }

  /**
   * Takes what {@link #deserialize} finds in a message.
   *
   * @param <T> the type of the elements
   */
  interface Output<T> {

    /**
     * Emits an element. It is handed to another thread, so it must be neither changed nor used
     * again.
     *
     * @param eventTimeMillis milliseconds since the epoch, UTC: the time a {@code
     *     WatermarkStrategy} is given, or {@link Long#MIN_VALUE} where the element has none
     */
    void collect(T element, long eventTimeMillis);

    /**
     * Sends one bad element to the dead-letter queue; the others of its message count.
     *
     * @param index position of the element in its message, from 0
     * @param element its original bytes
     * @param reason a sentence for whoever reads the dead-letter queue
     */
    void reject(int index, byte[] element, String reason);
  }
}
