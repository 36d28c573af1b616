package io.candlewick.connector.rabbitmq.source.reader;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.candlewick.connector.rabbitmq.connection.Backoff;
import io.candlewick.connector.rabbitmq.connection.BrokerAccessException;
import io.candlewick.connector.rabbitmq.connection.BrokerErrors;
import io.candlewick.connector.rabbitmq.connection.StreamProbe;
import io.candlewick.connector.rabbitmq.source.StartingOffsets;
import io.candlewick.connector.rabbitmq.source.metrics.StreamSplitMetrics;
import io.candlewick.connector.rabbitmq.source.split.MessageId;
import io.candlewick.connector.rabbitmq.source.split.MessageIdWindow;
import io.candlewick.connector.rabbitmq.source.split.StreamSplit;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the fetcher is in one split, and its subscription while there is one. It is ahead of the
 * checkpointed state by what is on its way to the task, and survives reconnects, never a restart.
 */
final class SplitCursor {
  private static final Logger LOG = LoggerFactory.getLogger(SplitCursor.class);

  private final StreamSplit split;
  private final StreamSplitMetrics metrics;
  private final MessageIdWindow ids;
  private final Backoff backoff = new Backoff();
  private volatile long position;
  private volatile boolean positionWasRead;
  private volatile boolean declaredAnew;
  private boolean isAnotherStream;
  private Subscription subscription;
  private boolean subscribedBefore;
  private boolean paused;

  /**
   * Begins where a split left off.
   *
   * @param restored whether the split has been read before, so that its stream once reached its
   *     offset
   */
  SplitCursor(
      StreamSplit split, boolean restored, int deduplicationWindow, StreamSplitMetrics metrics) {
    this.split = split;
    this.metrics = metrics;
    this.ids = new MessageIdWindow(deduplicationWindow, split.recentIds());
    this.position = split.nextOffset();
    this.positionWasRead = restored && position >= 0;
  }

  String queue() {
    return split.splitId();
  }

  StreamSplitMetrics metrics() {
    return metrics;
  }

  /** The next offset to read, or -1 while unknown. */
  long position() {
    return position;
  }

  boolean isExhausted() {
    return position >= split.stoppingOffset();
  }

  boolean isWithin(long offset) {
    return offset < split.stoppingOffset();
  }

  void pause(boolean pause) {
    paused = pause;
  }

  boolean hasDeliveries() {
    return !paused && subscription != null && subscription.hasDeliveries();
  }

  Subscription subscription() {
    return subscription;
  }

  boolean isSubscribed() {
    return subscription != null && subscription.lost() == null && !declaredAnew;
  }

  /** Milliseconds until the next attempt to subscribe. */
  long retryMillis() {
    return backoff.remainingMillis();
  }

  /**
   * Subscribes from the position on, when that is due.
   *
   * @throws BrokerAccessException when the broker refuses the queue
   */
  void subscribe(Connection connection, int prefetch, Signal signal) throws IOException {
    beginAgainIfDeclaredAnew();
    if (subscription != null) {
      LOG.warn(
          "Lost the queue {}: {}; reading on from offset {}",
          queue(),
          subscription.lost(),
          position);
      subscription = null;
    }
    if (!backoff.isDue()) {
      return;
    }
    StartingOffsets start = nextStart();
    Channel channel = null;
    try {
      channel = connection.createChannel();
      if (channel == null) {
        throw new IOException("the connection has no channel left");
      }
      subscription = Subscription.open(channel, queue(), start, prefetch, signal);
      backoff.reset();
      if (subscribedBefore) {
        metrics.reconnected();
      }
      subscribedBefore = true;
      LOG.info("Reading the stream queue {} from {}", queue(), start.toConsumerArgument());
    } catch (IOException | RuntimeException e) {
      Optional<BrokerAccessException> permanent = BrokerErrors.permanentFor(queue(), e);
      if (permanent.isPresent()) {
        throw permanent.get();
      }
      long delay = backoff.fail();
      String reason =
          BrokerErrors.isMissingQueue(e) ? "it does not exist yet" : BrokerErrors.describe(e);
      LOG.warn(
          "Waiting for the stream queue {}: {}; next attempt in {} ms", queue(), reason, delay);
    }
  }

  /** Whether the stream had once been read up to this position, which it then reached itself. */
  boolean wasReadUpTo(long earlierPosition) {
    return positionWasRead && earlierPosition > 0;
  }

  /**
   * Reads the queue from its first message, because it is another stream of the same name now. May
   * be called by another thread; it takes effect with the next subscription.
   */
  void beginAnew(long end, long earlierPosition) {
    LOG.error(
        "The queue {} ends at offset {}, before offset {} up to which it was read: it was deleted and"
            + " declared anew. It is read from its first message now.",
        queue(),
        end,
        earlierPosition);
    declaredAnew = true;
  }

  private void beginAgainIfDeclaredAnew() {
    if (declaredAnew) {
      close();
      position = -1;
      positionWasRead = false;
      isAnotherStream = true;
      declaredAnew = false;
    }
  }

  private StartingOffsets nextStart() {
    if (position >= 0) {
      return StartingOffsets.offset(position);
    }
    return isAnotherStream ? StartingOffsets.first() : split.start();
  }

  /**
   * Forgets the subscription together with its connection; what it had delivered will be delivered
   * again.
   */
  void detach() {
    subscription = null;
    backoff.reset();
  }

  void close() {
    if (subscription != null) {
      subscription.close();
      subscription = null;
    }
  }

  /** Whether a delivery of this offset is new; notes it when offsets before it are gone. */
  boolean accept(long offset, Connection connection) {
    if (position >= 0 && offset < position) {
      return false;
    }
    if (position >= 0 && offset > position) {
      reportIfLost(offset, connection);
    }
    position = offset + 1;
    positionWasRead = true;
    return true;
  }

  /** Whether a message with this id was not seen before. */
  boolean isNew(MessageId id) {
    return ids.add(id);
  }

  /**
   * A jump alone is no loss: each segment of a stream may begin with an entry that is never
   * delivered.
   */
  private void reportIfLost(long offset, Connection connection) {
    long first;
    try {
      OptionalLong found = StreamProbe.firstFrom(connection, queue(), StartingOffsets.first());
      first = Math.min(found.orElse(offset), offset);
    } catch (IOException | RuntimeException e) {
      first = offset;
    }
    if (first > position) {
      metrics.lost(first - position);
      LOG.error(
          "Lost offsets {} to {} of the queue {}: retention removed them before they were read. Raise x-max-age or"
              + " x-max-length-bytes of the queue, and backfill what is missing.",
          position,
          first - 1,
          queue());
    }
  }
}
