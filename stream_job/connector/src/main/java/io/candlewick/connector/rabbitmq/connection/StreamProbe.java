package io.candlewick.connector.rabbitmq.connection;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import io.candlewick.connector.rabbitmq.source.StartingOffsets;
import java.io.IOException;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Finds the ends of a stream by reading them.
 *
 * <p>The message count of a passive declare is of no use for that: it lags by seconds, and it
 * counts entries that are never delivered (each new segment of a stream may begin with one).
 */
public final class StreamProbe {
  /**
   * Name of the header that holds a message's offset, and of the consumer argument that asks for
   * one.
   */
  public static final String OFFSET_HEADER = "x-stream-offset";

  private static final long FIRST_DELIVERY_MS = 3_000;
  private static final long QUIET_MS = 1_000;
  private static final long TOTAL_MS = 6_000;
  private static final int PREFETCH = 1_000;

  private StreamProbe() {}

  /**
   * Where the first message from a starting point on is.
   *
   * @return its offset, or nothing when none arrives within seconds: the stream is empty, or
   *     retention emptied it
   */
  public static OptionalLong firstFrom(Connection connection, String queue, StartingOffsets start)
      throws IOException {
    Range range = read(connection, queue, start, true);
    return range.isEmpty() ? OptionalLong.empty() : OptionalLong.of(range.first());
  }

  /**
   * The last chunk of a stream: its first offset, and the offset that the next message will get.
   */
  public static Range lastChunk(Connection connection, String queue) throws IOException {
    return read(connection, queue, StartingOffsets.last(), false);
  }

  /**
   * Offsets of consecutive messages.
   *
   * @param first offset of the first message, -1 when there is none
   * @param end offset after the last message, 0 when there is none
   */
  public record Range(long first, long end) {
    public boolean isEmpty() {
      return first < 0;
    }
  }

  private record Delivered(long tag, long offset) {}

  private static Range read(
      Connection connection, String queue, StartingOffsets start, boolean onlyFirst)
      throws IOException {
    Channel channel = connection.createChannel();
    if (channel == null) {
      throw new IOException("The connection to RabbitMQ has no channel left.");
    }
    try {
      return read(channel, queue, start, onlyFirst);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted while looking for the ends of the queue " + queue, e);
    } finally {
      close(channel);
    }
  }

  private static Range read(Channel channel, String queue, StartingOffsets start, boolean onlyFirst)
      throws IOException, InterruptedException {
    BlockingQueue<Delivered> deliveries = new LinkedBlockingQueue<>();
    channel.basicQos(onlyFirst ? 1 : PREFETCH, false);
    channel.basicConsume(
        queue,
        false,
        Map.of(OFFSET_HEADER, start.toConsumerArgument()),
        new DefaultConsumer(channel) {
          @Override
          public void handleDelivery(
              String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body)
              throws IOException {
            deliveries.add(new Delivered(envelope.getDeliveryTag(), offsetOf(queue, properties)));
          }
        });
    Delivered first = deliveries.poll(FIRST_DELIVERY_MS, TimeUnit.MILLISECONDS);
    if (first == null) {
      return new Range(-1, 0);
    }
    Delivered last = first;
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TOTAL_MS);
    while (!onlyFirst && System.nanoTime() < deadline) {
      Delivered next = deliveries.poll(QUIET_MS, TimeUnit.MILLISECONDS);
      if (next == null) {
        break;
      }
      last = next;
      channel.basicAck(last.tag(), true);
    }
    return new Range(first.offset(), last.offset() + 1);
  }

  /**
   * The offset of a delivered message.
   *
   * @throws IOException when it has none, because the queue is no stream
   */
  public static long offsetOf(String queue, AMQP.BasicProperties properties) throws IOException {
    Map<String, Object> headers = properties.getHeaders();
    if (headers != null && headers.get(OFFSET_HEADER) instanceof Long offset) {
      return offset;
    }
    throw new IOException(
        "The queue "
            + queue
            + " is no stream: its messages carry no offset. Declare it with x-queue-type stream.");
  }

  private static void close(Channel channel) {
    try {
      if (channel.isOpen()) {
        channel.close();
      }
    } catch (IOException | TimeoutException | RuntimeException e) {
      // The channel was for this probe only; its connection reports what matters.
      return;
    }
  }
}
