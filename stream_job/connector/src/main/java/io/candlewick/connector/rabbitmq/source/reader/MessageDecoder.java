package io.candlewick.connector.rabbitmq.source.reader;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Runs the schema on one message at a time, and keeps what it found until the whole message is
 * through.
 */
final class MessageDecoder<T> implements StreamDeserializationSchema.Output<T> {
  private static final int INITIAL_CAPACITY = 512;

  private final StreamDeserializationSchema<T> schema;
  private final List<DeadLetter> rejected = new ArrayList<>();
  private Object[] elements = new Object[INITIAL_CAPACITY];
  private long[] eventTimes = new long[INITIAL_CAPACITY];
  private int size;
  private StreamMessage message;

  MessageDecoder(StreamDeserializationSchema<T> schema) {
    this.schema = schema;
  }

  /** Decodes a message; the results are there until the next call. */
  void decode(StreamMessage message) {
    this.message = message;
    size = 0;
    rejected.clear();
    try {
      schema.deserialize(message, this);
    } catch (IOException | RuntimeException e) {
      // A schema that stumbles over a message would do so for ever: the message is put aside,
      // whatever it threw.
      size = 0;
      rejected.clear();
      rejected.add(new DeadLetter(message, DeadLetter.WHOLE_MESSAGE, message.body(), sentence(e)));
    }
  }

  private static String sentence(Exception e) {
    String cause = e.getCause() == null ? "" : " (" + e.getCause().getMessage() + ")";
    return e.getMessage() == null ? e.toString() : e.getMessage() + cause;
  }

  @Override
  public void collect(T element, long eventTimeMillis) {
    if (size == elements.length) {
      elements = Arrays.copyOf(elements, size * 2);
      eventTimes = Arrays.copyOf(eventTimes, size * 2);
    }
    elements[size] = element;
    eventTimes[size] = eventTimeMillis;
    size++;
  }

  @Override
  public void reject(int index, byte[] element, String reason) {
    rejected.add(new DeadLetter(message, index, element, reason));
  }

  boolean foundNothing() {
    return size == 0;
  }

  Object[] elements() {
    Object[] found = Arrays.copyOf(elements, size);
    Arrays.fill(elements, 0, size, null);
    return found;
  }

  long[] eventTimes() {
    return Arrays.copyOf(eventTimes, size);
  }

  List<DeadLetter> rejected() {
    return List.copyOf(rejected);
  }
}
