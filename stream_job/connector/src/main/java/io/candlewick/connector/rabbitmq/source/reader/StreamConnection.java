package io.candlewick.connector.rabbitmq.source.reader;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.candlewick.connector.rabbitmq.connection.Backoff;
import io.candlewick.connector.rabbitmq.connection.BrokerAccessException;
import io.candlewick.connector.rabbitmq.connection.BrokerErrors;
import io.candlewick.connector.rabbitmq.connection.BrokerUri;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The connection of one reader, opened again with back-off, for ever, when it was lost. */
final class StreamConnection {
  private static final Logger LOG = LoggerFactory.getLogger(StreamConnection.class);

  private final BrokerUri uri;
  private final String name;
  private final Signal signal;
  private final Backoff backoff = new Backoff();
  // One thread is enough: a delivery is only put into a queue.
  private final ExecutorService dispatcher =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "rabbitmq-stream-deliveries");
            thread.setDaemon(true);
            return thread;
          });
  private volatile Connection connection;

  StreamConnection(BrokerUri uri, String name, Signal signal) {
    this.uri = uri;
    this.name = name;
    this.signal = signal;
  }

  boolean isOpen() {
    Connection current = connection;
    return current != null && current.isOpen();
  }

  /** The connection; only to be used while {@link #isOpen}. */
  Connection get() {
    return connection;
  }

  long retryMillis() {
    return backoff.remainingMillis();
  }

  /**
   * Tries to connect, when an attempt is due.
   *
   * @return whether there is a new connection
   * @throws BrokerAccessException when the broker refuses us
   */
  boolean open() throws BrokerAccessException {
    if (!backoff.isDue()) {
      return false;
    }
    try {
      ConnectionFactory factory = uri.connectionFactory();
      factory.setSharedExecutor(dispatcher);
      Connection opened = factory.newConnection(name);
      opened.addShutdownListener(cause -> signal.raise());
      connection = opened;
      backoff.reset();
      return true;
    } catch (IOException | TimeoutException | RuntimeException e) {
      Optional<BrokerAccessException> permanent = BrokerErrors.permanent(uri, e);
      if (permanent.isPresent()) {
        throw permanent.get();
      }
      long delay = backoff.fail();
      LOG.warn(
          "Waiting for RabbitMQ at {}: {}; next attempt in {} ms",
          uri,
          BrokerErrors.describe(e),
          delay);
      return false;
    }
  }

  void close() {
    if (connection != null) {
      connection.abort(1_000);
    }
    dispatcher.shutdownNow();
  }
}
