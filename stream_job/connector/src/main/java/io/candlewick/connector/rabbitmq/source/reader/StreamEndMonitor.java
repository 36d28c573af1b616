package io.candlewick.connector.rabbitmq.source.reader;

import io.candlewick.connector.rabbitmq.connection.StreamProbe;
import io.candlewick.connector.rabbitmq.source.StartingOffsets;
import java.io.IOException;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks every few seconds where the streams end, for the metric {@code pendingRecords} and to
 * notice a queue that was deleted and declared anew: its offsets begin at 0 again, and nothing
 * below the old position would ever be delivered.
 */
final class StreamEndMonitor {
  private static final Logger LOG = LoggerFactory.getLogger(StreamEndMonitor.class);
  private static final long PERIOD_MS = 10_000;

  private final StreamConnection connection;
  private final Signal signal;
  private final Set<SplitCursor> cursors = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService executor =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "rabbitmq-stream-end-monitor");
            thread.setDaemon(true);
            return thread;
          });

  StreamEndMonitor(StreamConnection connection, Signal signal) {
    this.connection = connection;
    this.signal = signal;
    executor.scheduleWithFixedDelay(
        () -> cursors.forEach(this::tryLookAt), PERIOD_MS, PERIOD_MS, TimeUnit.MILLISECONDS);
  }

  void add(SplitCursor cursor) {
    cursors.add(cursor);
  }

  /** Looks at once, as is due after a new subscription. */
  void look(SplitCursor cursor) {
    executor.execute(() -> tryLookAt(cursor));
  }

  void remove(SplitCursor cursor) {
    cursors.remove(cursor);
  }

  private void tryLookAt(SplitCursor cursor) {
    try {
      if (connection.isOpen() && cursors.contains(cursor)) {
        lookAt(cursor);
      }
    } catch (IOException | RuntimeException e) {
      LOG.debug("Cannot tell where the queue {} ends", cursor.queue(), e);
    }
  }

  private void lookAt(SplitCursor cursor) throws IOException {
    long position = cursor.position();
    OptionalLong end = endOf(cursor);
    if (end.isEmpty()) {
      return;
    }
    cursor.metrics().end(end.getAsLong());
    if (cursor.wasReadUpTo(position) && isBefore(end, position) && isGone(cursor, position - 1)) {
      cursor.beginAnew(end.getAsLong(), position);
      signal.raise();
    }
  }

  /** Asks twice more, since a machine that stalls for a second can make a stream look shorter. */
  private boolean isGone(SplitCursor cursor, long offset) throws IOException {
    StartingOffsets lastRead = StartingOffsets.offset(offset);
    return StreamProbe.firstFrom(connection.get(), cursor.queue(), lastRead).isEmpty()
        && isBefore(endOf(cursor), offset + 1);
  }

  private OptionalLong endOf(SplitCursor cursor) throws IOException {
    StreamProbe.Range lastChunk = StreamProbe.lastChunk(connection.get(), cursor.queue());
    return lastChunk.isEmpty() ? OptionalLong.empty() : OptionalLong.of(lastChunk.end());
  }

  private static boolean isBefore(OptionalLong end, long position) {
    return end.isPresent() && end.getAsLong() < position;
  }

  void close() {
    executor.shutdownNow();
  }
}
