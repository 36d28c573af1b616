package io.candlewick.connector.rabbitmq.source.reader;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.candlewick.connector.rabbitmq.connection.BrokerErrors;
import io.candlewick.connector.rabbitmq.connection.BrokerUri;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Publishes to the dead-letter queue and waits until the broker has it. The connection is its own,
 * and opened with the first dead letter: a broker short of memory stops reading connections that
 * publish, and must go on reading the acknowledgements of those that consume.
 */
final class DeadLetterPublisher {
  private static final long CONFIRM_TIMEOUT_MS = 30_000;

  private final BrokerUri uri;
  private final String queue;
  private final AtomicInteger returned = new AtomicInteger();
  private Connection connection;
  private Channel channel;

  DeadLetterPublisher(BrokerUri uri, String queue) {
    this.uri = uri;
    this.queue = queue;
  }

  /**
   * Publishes the letters and waits for the confirm of all of them. After a failure the caller
   * tries again, so that some may be in the queue twice; none is lost.
   *
   * @throws IOException when they are not confirmed, for whatever reason
   */
  void publish(List<DeadLetter> letters) throws IOException {
    try {
      Channel open = openChannel();
      returned.set(0);
      long now = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
      for (DeadLetter letter : letters) {
        open.basicPublish("", queue, true, letter.properties(now), letter.publishedBody());
      }
      if (!open.waitForConfirms(CONFIRM_TIMEOUT_MS)) {
        throw new IOException(
            "the broker refused a dead letter; the queue " + queue + " may be full");
      }
      if (returned.get() > 0) {
        throw new IOException("the dead-letter queue " + queue + " does not exist");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for a confirm", e);
    } catch (TimeoutException | RuntimeException e) {
      close();
      throw new IOException(BrokerErrors.describe(e), e);
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  private Channel openChannel() throws IOException, TimeoutException {
    if (channel != null && channel.isOpen()) {
      return channel;
    }
    close();
    connection = uri.connectionFactory().newConnection("flink rabbitmq-stream dead letters");
    channel = connection.createChannel();
    channel.confirmSelect();
    channel.addReturnListener(message -> returned.incrementAndGet());
    return channel;
  }

  void close() {
    if (connection != null) {
      connection.abort(1_000);
      connection = null;
      channel = null;
    }
  }
}
