package io.candlewick.connector.rabbitmq.source.reader;

import io.candlewick.connector.rabbitmq.source.metrics.StreamReaderMetrics;
import io.candlewick.connector.rabbitmq.source.metrics.StreamSplitMetrics;
import io.candlewick.connector.rabbitmq.source.split.StreamSplitState;
import org.apache.flink.api.connector.source.SourceOutput;
import org.apache.flink.connector.base.source.reader.RecordEmitter;

/**
 * Emits the elements of a message and then moves the offset; no checkpoint falls between the two.
 */
final class RabbitMqStreamRecordEmitter<T>
    implements RecordEmitter<DecodedMessage<T>, T, StreamSplitState> {
  private final StreamReaderMetrics metrics;

  RabbitMqStreamRecordEmitter(StreamReaderMetrics metrics) {
    this.metrics = metrics;
  }

  @Override
  public void emitRecord(
      DecodedMessage<T> message, SourceOutput<T> output, StreamSplitState state) {
    long[] eventTimes = message.eventTimes();
    for (int i = 0; i < eventTimes.length; i++) {
      if (eventTimes[i] == Long.MIN_VALUE) {
        output.collect(message.element(i));
      } else {
        output.collect(message.element(i), eventTimes[i]);
      }
    }
    state.advance(message.nextOffset(), message.id());
    metrics.messageHeld(eventTimes.length);
    StreamSplitMetrics splitMetrics = metrics.ofQueue(state.queue());
    if (message.duplicate()) {
      splitMetrics.duplicate(message.nextOffset());
    } else {
      splitMetrics.emitted(eventTimes.length, message.nextOffset());
    }
  }
}
