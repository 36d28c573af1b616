package io.candlewick.connector.rabbitmq.source.reader;

import io.candlewick.connector.rabbitmq.connection.Backoff;
import io.candlewick.connector.rabbitmq.connection.StreamProbe;
import io.candlewick.connector.rabbitmq.source.StreamSourceOptions;
import io.candlewick.connector.rabbitmq.source.metrics.StreamReaderMetrics;
import io.candlewick.connector.rabbitmq.source.split.MessageId;
import io.candlewick.connector.rabbitmq.source.split.StreamSplit;
import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.connector.base.source.reader.RecordsWithSplitIds;
import org.apache.flink.connector.base.source.reader.splitreader.SplitReader;
import org.apache.flink.connector.base.source.reader.splitreader.SplitsAddition;
import org.apache.flink.connector.base.source.reader.splitreader.SplitsChange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads, decodes and de-duplicates in the fetcher's thread, so that the task's thread only emits,
 * and so that neither an outage of the broker nor a slow dead-letter queue holds up a checkpoint.
 */
final class RabbitMqStreamSplitReader<T> implements SplitReader<DecodedMessage<T>, StreamSplit> {
  private static final Logger LOG = LoggerFactory.getLogger(RabbitMqStreamSplitReader.class);
  private static final long LONGEST_WAIT_MS = 10_000;

  private final StreamSourceOptions options;
  private final StreamReaderMetrics metrics;
  private final MessageDecoder<T> decoder;
  private final Map<String, SplitCursor> cursors = new LinkedHashMap<>();
  private final Signal signal = new Signal();
  private final StreamConnection connection;
  private final DeadLetterPublisher deadLetters;
  private final DeadLetterLimit deadLetterLimit;
  private final Backoff deadLetterBackoff = new Backoff();
  private final StreamEndMonitor endMonitor;
  private Undelivered<T> undelivered;

  /** A message that waits until the dead-letter queue has what was rejected of it. */
  private record Undelivered<T>(
      SplitCursor cursor, DecodedMessage<T> message, int bodyBytes, List<DeadLetter> letters) {}

  RabbitMqStreamSplitReader(
      StreamSourceOptions options,
      StreamDeserializationSchema<T> schema,
      StreamReaderMetrics metrics,
      String connectionName) {
    this.options = options;
    this.metrics = metrics;
    this.decoder = new MessageDecoder<>(schema);
    this.connection = new StreamConnection(options.uri(), connectionName, signal);
    this.deadLetters = new DeadLetterPublisher(options.uri(), options.deadLetterQueue());
    this.deadLetterLimit =
        new DeadLetterLimit(options.deadLetterMaxRatio(), options.deadLetterWindow());
    this.endMonitor = new StreamEndMonitor(connection, signal);
  }

  @Override
  public RecordsWithSplitIds<DecodedMessage<T>> fetch() throws IOException {
    DecodedBatch<T> batch = new DecodedBatch<>();
    if (undelivered == null) {
      subscribe();
      if (cursors.values().stream()
          .noneMatch(cursor -> cursor.hasDeliveries() || cursor.isExhausted())) {
        signal.await(waitMillis());
      }
      drain(batch);
    } else if (!deliverRejected(batch)) {
      signal.await(deadLetterBackoff.remainingMillis());
    }
    finishExhausted(batch);
    return batch;
  }

  private void subscribe() throws IOException {
    if (!connection.isOpen()) {
      if (!connection.open()) {
        return;
      }
      cursors.values().forEach(SplitCursor::detach);
    }
    for (SplitCursor cursor : cursors.values()) {
      if (!cursor.isSubscribed() && !cursor.isExhausted()) {
        cursor.subscribe(connection.get(), options.prefetch(), signal);
        if (cursor.isSubscribed()) {
          endMonitor.look(cursor);
        }
      }
    }
  }

  private long waitMillis() {
    if (!connection.isOpen()) {
      return connection.retryMillis();
    }
    long wait = LONGEST_WAIT_MS;
    for (SplitCursor cursor : cursors.values()) {
      if (!cursor.isSubscribed()) {
        wait = Math.min(wait, cursor.retryMillis());
      }
    }
    return wait;
  }

  private void drain(DecodedBatch<T> batch) throws IOException {
    for (SplitCursor cursor : cursors.values()) {
      if (!cursor.hasDeliveries()) {
        continue;
      }
      Subscription subscription = cursor.subscription();
      while (!batch.isFull() && undelivered == null && !cursor.isExhausted()) {
        Subscription.Delivery delivery = subscription.poll();
        if (delivery == null) {
          break;
        }
        take(cursor, delivery, batch);
      }
      subscription.grantCredit();
    }
    rotate();
  }

  /** Lets another split go first in the next batch, so that a busy one starves nobody. */
  private void rotate() {
    if (cursors.size() > 1) {
      String first = cursors.keySet().iterator().next();
      cursors.put(first, cursors.remove(first));
    }
  }

  private void take(SplitCursor cursor, Subscription.Delivery delivery, DecodedBatch<T> batch)
      throws IOException {
    String queue = cursor.queue();
    long offset = StreamProbe.offsetOf(queue, delivery.properties());
    if (!cursor.accept(offset, connection.get()) || !cursor.isWithin(offset)) {
      return;
    }
    String messageId = delivery.properties().getMessageId();
    MessageId id = MessageId.of(messageId);
    byte[] body = delivery.body();
    if (!cursor.isNew(id)) {
      batch.add(queue, DecodedMessage.duplicate(offset + 1, id), 0);
      return;
    }
    decoder.decode(new StreamMessage(queue, offset, messageId, body));
    List<DeadLetter> rejected = decoder.rejected();
    boolean isUndecodable = decoder.foundNothing() && !rejected.isEmpty();
    deadLetterLimit.record(isUndecodable, isUndecodable ? rejected.get(0).reason() : "");
    DecodedMessage<T> message =
        new DecodedMessage<>(offset + 1, id, false, decoder.elements(), decoder.eventTimes());
    if (rejected.isEmpty()) {
      batch.add(queue, message, body.length);
      return;
    }
    failWithoutDeadLetterQueue(rejected.get(0));
    undelivered = new Undelivered<>(cursor, message, body.length, rejected);
    deliverRejected(batch);
  }

  private void failWithoutDeadLetterQueue(DeadLetter letter) throws IOException {
    if (options.deadLetterQueue() == null) {
      throw new IOException(
          "The message at offset "
              + letter.message().offset()
              + " of the queue "
              + letter.message().queue()
              + " cannot be decoded: "
              + letter.reason()
              + " Name a dead-letter queue to put such messages aside.");
    }
  }

  /** Adds the waiting message to the batch once its dead letters are confirmed. */
  private boolean deliverRejected(DecodedBatch<T> batch) {
    if (!deadLetterBackoff.isDue()) {
      return false;
    }
    try {
      deadLetters.publish(undelivered.letters());
    } catch (IOException e) {
      long delay = deadLetterBackoff.fail();
      LOG.warn(
          "Holding the queue {} at offset {} until {} takes a dead letter: {}; next attempt in {} ms",
          undelivered.cursor().queue(),
          undelivered.message().nextOffset() - 1,
          options.deadLetterQueue(),
          e.getMessage(),
          delay);
      return false;
    }
    deadLetterBackoff.reset();
    undelivered.cursor().metrics().deadLetters(undelivered.letters().size());
    metrics.errors(undelivered.letters().size());
    batch.add(undelivered.cursor().queue(), undelivered.message(), undelivered.bodyBytes());
    undelivered = null;
    return true;
  }

  private void finishExhausted(DecodedBatch<T> batch) {
    if (undelivered != null) {
      return;
    }
    cursors
        .values()
        .removeIf(
            cursor -> {
              if (!cursor.isExhausted()) {
                return false;
              }
              endMonitor.remove(cursor);
              cursor.close();
              batch.finish(cursor.queue());
              return true;
            });
  }

  @Override
  public void handleSplitsChanges(SplitsChange<StreamSplit> change) {
    if (!(change instanceof SplitsAddition)) {
      throw new UnsupportedOperationException("A RabbitMQ stream reader cannot handle " + change);
    }
    for (StreamSplit split : change.splits()) {
      SplitCursor cursor =
          new SplitCursor(
              split,
              !split.start().equals(options.startingOffsets()),
              options.deduplicationWindow(),
              metrics.ofQueue(split.splitId()));
      cursors.put(split.splitId(), cursor);
      endMonitor.add(cursor);
    }
  }

  @Override
  public void pauseOrResumeSplits(
      Collection<StreamSplit> toPause, Collection<StreamSplit> toResume) {
    toPause.forEach(split -> cursors.get(split.splitId()).pause(true));
    toResume.forEach(split -> cursors.get(split.splitId()).pause(false));
  }

  @Override
  public void wakeUp() {
    signal.raise();
  }

  @Override
  public void close() {
    endMonitor.close();
    deadLetters.close();
    connection.close();
  }
}
