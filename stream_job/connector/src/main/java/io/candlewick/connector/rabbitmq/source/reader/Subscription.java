package io.candlewick.connector.rabbitmq.source.reader;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import io.candlewick.connector.rabbitmq.connection.StreamProbe;
import io.candlewick.connector.rabbitmq.source.StartingOffsets;
import java.io.IOException;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeoutException;

/**
 * One consumer on one channel. The broker sends no more than the prefetch before an
 * acknowledgement, so that is what the queue of deliveries can grow to; acknowledging removes
 * nothing from a stream, it only asks for more.
 */
final class Subscription extends DefaultConsumer {
  private final Queue<Delivery> deliveries = new ConcurrentLinkedQueue<>();
  private final Signal signal;
  private volatile String lost;
  private long lastTag;

  /**
   * A delivery, as it came.
   *
   * @param tag what an acknowledgement names
   */
  record Delivery(long tag, AMQP.BasicProperties properties, byte[] body) {}

  private Subscription(Channel channel, Signal signal) {
    super(channel);
    this.signal = signal;
  }

  static Subscription open(
      Channel channel, String queue, StartingOffsets start, int prefetch, Signal signal)
      throws IOException {
    Subscription subscription = new Subscription(channel, signal);
    channel.basicQos(prefetch, false);
    channel.basicConsume(
        queue, false, Map.of(StreamProbe.OFFSET_HEADER, start.toConsumerArgument()), subscription);
    return subscription;
  }

  @Override
  public void handleDelivery(
      String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
    deliveries.add(new Delivery(envelope.getDeliveryTag(), properties, body));
    signal.raise();
  }

  @Override
  public void handleCancel(String tag) {
    lose("the broker cancelled the consumer, because the queue was deleted or its leader moved");
  }

  @Override
  public void handleShutdownSignal(String tag, ShutdownSignalException cause) {
    lose(cause.getMessage());
  }

  private void lose(String reason) {
    lost = reason;
    signal.raise();
  }

  /** Why nothing more will be delivered, or null while it lives. */
  String lost() {
    return lost;
  }

  boolean hasDeliveries() {
    return !deliveries.isEmpty();
  }

  /** The next delivery, or null when there is none. */
  Delivery poll() {
    Delivery delivery = deliveries.poll();
    if (delivery != null) {
      lastTag = delivery.tag();
    }
    return delivery;
  }

  /** Asks the broker to send as many more as were polled. */
  void grantCredit() {
    if (lastTag == 0 || lost != null) {
      return;
    }
    try {
      getChannel().basicAck(lastTag, true);
      lastTag = 0;
    } catch (IOException | RuntimeException e) {
      lose(e.toString());
    }
  }

  void close() {
    try {
      getChannel().close();
    } catch (IOException | TimeoutException | RuntimeException e) {
      lose(e.toString());
    }
  }
}
