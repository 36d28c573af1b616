package io.candlewick.connector.rabbitmq;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import io.candlewick.connector.rabbitmq.connection.BrokerUri;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The real RabbitMQ of the environment variable RABBITMQ_URI, with queues that live as long as a
 * test.
 */
public final class TestBroker implements BeforeEachCallback, AfterEachCallback, AutoCloseable {
  private static final long CONFIRM_TIMEOUT_MS = 60_000;

  private final List<String> queues = new ArrayList<>();
  private Connection connection;
  private Channel channel;

  /** The address; it is an error, not a reason to skip, when there is none. */
  public static String uri() {
    String uri = System.getProperty("RABBITMQ_URI", System.getenv("RABBITMQ_URI"));
    if (uri == null || uri.isBlank()) {
      throw new IllegalStateException(
          "These tests need a RabbitMQ: set RABBITMQ_URI to an address such as"
              + " amqp://guest:guest@127.0.0.1:5672/test, of a virtual host that they may use.");
    }
    return uri;
  }

  @Override
  public void beforeEach(ExtensionContext context) throws Exception {
    open();
  }

  public TestBroker open() throws Exception {
    connection = BrokerUri.parse(uri()).connectionFactory().newConnection("connector tests");
    channel = connection.createChannel();
    channel.confirmSelect();
    return this;
  }

  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    close();
  }

  @Override
  public void close() throws Exception {
    for (String queue : queues) {
      channel.queueDelete(queue);
    }
    queues.clear();
    connection.close();
  }

  /** A name that no queue has yet; what is declared under it is deleted after the test. */
  public String newName() {
    String name = "test-" + UUID.randomUUID();
    queues.add(name);
    return name;
  }

  public String newStream() throws Exception {
    return declareStream(newName(), Map.of());
  }

  public String declareStream(String name, Map<String, Object> arguments) throws Exception {
    Map<String, Object> all = new HashMap<>(arguments);
    all.put("x-queue-type", "stream");
    channel.queueDeclare(name, true, false, false, all);
    return name;
  }

  public String newQueue() throws Exception {
    return declareQueue(newName());
  }

  public String declareQueue(String name) throws Exception {
    channel.queueDeclare(name, true, false, false, Map.of("x-queue-type", "quorum"));
    return name;
  }

  public void deleteQueue(String name) throws Exception {
    channel.queueDelete(name);
  }

  /** Publishes messages without an id, and waits until the broker has them. */
  public void publish(String queue, List<String> bodies) throws Exception {
    for (String body : bodies) {
      send(queue, null, body.getBytes(StandardCharsets.UTF_8));
    }
    channel.waitForConfirmsOrDie(CONFIRM_TIMEOUT_MS);
  }

  public void publish(String queue, String... bodies) throws Exception {
    publish(queue, List.of(bodies));
  }

  public void publishWithId(String queue, String messageId, byte[] body) throws Exception {
    send(queue, messageId, body);
    channel.waitForConfirmsOrDie(CONFIRM_TIMEOUT_MS);
  }

  private void send(String queue, String messageId, byte[] body) throws Exception {
    AMQP.BasicProperties properties =
        new AMQP.BasicProperties.Builder().deliveryMode(2).messageId(messageId).build();
    channel.basicPublish("", queue, true, properties, body);
  }

  /** Takes everything out of a queue that is no stream. */
  public List<GetResponse> drain(String queue) throws Exception {
    List<GetResponse> messages = new ArrayList<>();
    for (GetResponse next = channel.basicGet(queue, true);
        next != null;
        next = channel.basicGet(queue, true)) {
      messages.add(next);
    }
    return messages;
  }
}
