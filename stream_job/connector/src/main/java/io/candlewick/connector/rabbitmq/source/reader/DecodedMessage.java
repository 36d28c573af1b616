package io.candlewick.connector.rabbitmq.source.reader;

import io.candlewick.connector.rabbitmq.source.split.MessageId;

/**
 * A message on its way from the fetcher's thread to the task's. Everything in it that needed the
 * dead-letter queue is confirmed there by now.
 *
 * @param nextOffset the offset to read on from once it is emitted
 * @param id its id, or null
 * @param duplicate whether the id was seen before; there are no elements then
 * @param elements what it held, in order
 * @param eventTimes one for each element, {@link Long#MIN_VALUE} for none
 */
record DecodedMessage<T>(
    long nextOffset, MessageId id, boolean duplicate, Object[] elements, long[] eventTimes) {
  private static final Object[] NO_ELEMENTS = {};
  private static final long[] NO_TIMES = {};

  static <T> DecodedMessage<T> duplicate(long nextOffset, MessageId id) {
    return new DecodedMessage<>(nextOffset, id, true, NO_ELEMENTS, NO_TIMES);
  }

  @SuppressWarnings("unchecked")
  T element(int index) {
    return (T) elements[index];
  }
}
