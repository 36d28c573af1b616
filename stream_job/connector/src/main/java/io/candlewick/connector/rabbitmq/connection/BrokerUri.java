package io.candlewick.connector.rabbitmq.connection;

import com.rabbitmq.client.ConnectionFactory;
import java.io.Serializable;
import java.net.URI;
import java.net.URISyntaxException;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLContext;

/**
 * The address of a broker with its virtual host and log-in, checked when it is made.
 *
 * <p>{@code amqps} means TLS with the JVM's trust store and with the host name verified. {@link
 * #toString} leaves the log-in out, so that it can go into logs.
 */
public final class BrokerUri implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final int CONNECTION_TIMEOUT_MS = 10_000;
  private static final int RPC_TIMEOUT_MS = 30_000;
  private static final int HEARTBEAT_SECONDS = 30;

  private final String uri;

  private BrokerUri(String uri) {
    this.uri = uri;
  }

  /**
   * Checks a URI such as {@code amqp://user:password@host:5672/vhost}.
   *
   * @throws IllegalArgumentException with a sentence that says what is wrong with it
   */
  public static BrokerUri parse(String uri) {
    BrokerUri parsed = new BrokerUri(uri);
    URI parts = parsed.parts();
    String scheme = parts.getScheme();
    if (!"amqp".equals(scheme) && !"amqps".equals(scheme)) {
      throw new IllegalArgumentException(
          "A RabbitMQ URI begins with amqp:// or amqps://, and this one does not: " + parsed);
    }
    if (parts.getHost() == null) {
      throw new IllegalArgumentException("The RabbitMQ URI names no host: " + parsed);
    }
    if ("/".equals(parts.getRawPath())) {
      throw new IllegalArgumentException(
          "The RabbitMQ URI "
              + parsed
              + " ends in \"/\", which means a virtual host with an empty name. Name the virtual host after the"
              + " slash, or write %2F for the default one.");
    }
    parsed.connectionFactory();
    return parsed;
  }

  /**
   * A factory for connections that do not recover by themselves: the callers know what to resume,
   * and where.
   */
  public ConnectionFactory connectionFactory() {
    ConnectionFactory factory = new ConnectionFactory();
    try {
      factory.setUri(uri);
      if ("amqps".equals(parts().getScheme())) {
        factory.useSslProtocol(SSLContext.getDefault());
        factory.enableHostnameVerification();
      }
    } catch (URISyntaxException | GeneralSecurityException | IllegalArgumentException e) {
      // The cause is left out: its message holds the URI, and with it the password.
      throw new IllegalArgumentException("The RabbitMQ URI is not usable: " + this);
    }
    factory.setAutomaticRecoveryEnabled(false);
    factory.setTopologyRecoveryEnabled(false);
    factory.setConnectionTimeout(CONNECTION_TIMEOUT_MS);
    factory.setChannelRpcTimeout(RPC_TIMEOUT_MS);
    factory.setRequestedHeartbeat(HEARTBEAT_SECONDS);
    return factory;
  }

  private URI parts() {
    try {
      return new URI(uri);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          "The RabbitMQ URI is not a URI; special characters in the password must be percent-encoded.");
    }
  }

  @Override
  public String toString() {
    URI parts = parts();
    String port = parts.getPort() < 0 ? "" : ":" + parts.getPort();
    return parts.getScheme() + "://" + parts.getHost() + port + parts.getRawPath();
  }
}
