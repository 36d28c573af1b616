package io.candlewick.connector.rabbitmq.source.enumerator;

import com.rabbitmq.client.Connection;
import io.candlewick.connector.rabbitmq.connection.BrokerAccessException;
import io.candlewick.connector.rabbitmq.connection.BrokerErrors;
import io.candlewick.connector.rabbitmq.connection.StreamProbe;
import io.candlewick.connector.rabbitmq.source.StartingOffsets;
import io.candlewick.connector.rabbitmq.source.StreamSourceOptions;
import io.candlewick.connector.rabbitmq.source.split.StreamSplit;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes splits of queues, and asks the broker where that needs to be known at the start: where a
 * bounded split ends, and which offset "next" and "last" mean, so that a failure before the first
 * checkpointed message cannot move it.
 */
final class SplitDiscovery {
  private static final Logger LOG = LoggerFactory.getLogger(SplitDiscovery.class);
  private static final long[] NO_IDS = {};

  private final StreamSourceOptions options;

  SplitDiscovery(StreamSourceOptions options) {
    this.options = options;
  }

  boolean needsBroker() {
    return switch (options.startingOffsets().mode()) {
      case NEXT, LAST -> true;
      case FIRST, OFFSET, TIMESTAMP -> options.bounded();
    };
  }

  StreamSplit withoutBroker(String queue) {
    return new StreamSplit(
        queue, options.startingOffsets(), StreamSplit.NO_STOPPING_OFFSET, NO_IDS);
  }

  /**
   * Looks at the queues.
   *
   * @return what was found for those that could be read: a split, or nothing where a bounded job
   *     has nothing to read
   * @throws BrokerAccessException when the broker refuses us
   */
  Map<String, Optional<StreamSplit>> discover(List<String> queues) throws BrokerAccessException {
    Map<String, Optional<StreamSplit>> found = new HashMap<>();
    try (Connection connection =
        options.uri().connectionFactory().newConnection("flink rabbitmq-stream enumerator")) {
      for (String queue : queues) {
        try {
          found.put(
              queue, options.bounded() ? bounded(connection, queue) : unbounded(connection, queue));
        } catch (IOException e) {
          explain(queue, e);
        }
      }
    } catch (IOException | TimeoutException | RuntimeException e) {
      if (e instanceof BrokerAccessException refusal) {
        throw refusal;
      }
      Optional<BrokerAccessException> permanent = BrokerErrors.permanent(options.uri(), e);
      if (permanent.isPresent()) {
        throw permanent.get();
      }
      LOG.warn("Waiting for RabbitMQ at {}: {}", options.uri(), BrokerErrors.describe(e));
    }
    return found;
  }

  private static void explain(String queue, IOException error) throws IOException {
    Optional<BrokerAccessException> permanent = BrokerErrors.permanentFor(queue, error);
    if (permanent.isPresent()) {
      throw permanent.get();
    }
    if (!BrokerErrors.isMissingQueue(error)) {
      throw error;
    }
    LOG.warn("Waiting for the stream queue {}, which does not exist yet", queue);
  }

  private Optional<StreamSplit> unbounded(Connection connection, String queue) throws IOException {
    StreamProbe.Range lastChunk = StreamProbe.lastChunk(connection, queue);
    StartingOffsets start;
    if (lastChunk.isEmpty()) {
      start = StartingOffsets.first(); // of an empty stream: everything from now on
    } else if (options.startingOffsets().mode() == StartingOffsets.Mode.NEXT) {
      start = StartingOffsets.offset(lastChunk.end());
    } else {
      start = StartingOffsets.offset(lastChunk.first());
    }
    return Optional.of(new StreamSplit(queue, start, StreamSplit.NO_STOPPING_OFFSET, NO_IDS));
  }

  private Optional<StreamSplit> bounded(Connection connection, String queue) throws IOException {
    StreamProbe.Range lastChunk = StreamProbe.lastChunk(connection, queue);
    if (lastChunk.isEmpty()) {
      return Optional.empty();
    }
    long end = lastChunk.end();
    return switch (options.startingOffsets().mode()) {
      case NEXT -> Optional.empty();
      case LAST -> Optional.of(split(queue, StartingOffsets.offset(lastChunk.first()), end));
      case FIRST -> Optional.of(split(queue, StartingOffsets.first(), end));
      case OFFSET ->
          options.startingOffsets().value() < end
              ? Optional.of(split(queue, options.startingOffsets(), end))
              : Optional.empty();
      case TIMESTAMP -> {
        OptionalLong first = StreamProbe.firstFrom(connection, queue, options.startingOffsets());
        yield first.isPresent() && first.getAsLong() < end
            ? Optional.of(split(queue, StartingOffsets.offset(first.getAsLong()), end))
            : Optional.empty();
      }
    };
  }

  private static StreamSplit split(String queue, StartingOffsets start, long end) {
    return new StreamSplit(queue, start, end, NO_IDS);
  }
}
