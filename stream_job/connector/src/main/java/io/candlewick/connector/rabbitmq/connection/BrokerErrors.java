package io.candlewick.connector.rabbitmq.connection;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.Method;
import com.rabbitmq.client.PossibleAuthenticationFailureException;
import com.rabbitmq.client.ShutdownSignalException;
import java.security.cert.CertificateException;
import java.util.Optional;
import org.apache.flink.util.ExceptionUtils;

/** Tells failures that pass (an outage, a queue not declared yet) from those that need a human. */
public final class BrokerErrors {
  private BrokerErrors() {}

  /**
   * The exception to fail with, where a failed connection attempt will not succeed later either.
   */
  public static Optional<BrokerAccessException> permanent(BrokerUri uri, Throwable error) {
    if (has(error, AuthenticationFailureException.class)
        || has(error, PossibleAuthenticationFailureException.class)) {
      return Optional.of(
          new BrokerAccessException(
              "RabbitMQ at "
                  + uri
                  + " refused the log-in: check the user and the password of the URI.",
              error));
    }
    Optional<CertificateException> certificate =
        ExceptionUtils.findThrowable(error, CertificateException.class);
    if (certificate.isPresent()) {
      return Optional.of(
          new BrokerAccessException(
              "The certificate of RabbitMQ at "
                  + uri
                  + " is not accepted ("
                  + certificate.get().getMessage()
                  + "): add its authority to the JVM's trust store (javax.net.ssl.trustStore), and"
                  + " name the host as the certificate does.",
              error));
    }
    // "... refused for user 'x': vhost is down" is said while a broker starts, and passes.
    boolean refused = closeCode(error) == AMQP.NOT_ALLOWED && !closeText(error).contains("is down");
    if (refused) {
      return Optional.of(
          new BrokerAccessException(
              "RabbitMQ at "
                  + uri
                  + " refused the virtual host ("
                  + closeText(error)
                  + "): create it and give the user permissions on it, or correct the URI.",
              error));
    }
    return Optional.empty();
  }

  /** The exception to fail with, where a queue cannot be read and waiting will not change that. */
  public static Optional<BrokerAccessException> permanentFor(String queue, Throwable error) {
    // Said of a stream that is being declared, too: a moment later it can be read.
    if (closeText(error).contains("does not have a replica on the local node")) {
      return Optional.empty();
    }
    return switch (closeCode(error)) {
      case AMQP.ACCESS_REFUSED ->
          Optional.of(
              new BrokerAccessException(
                  "RabbitMQ does not let the user read the queue "
                      + queue
                      + ": "
                      + closeText(error),
                  error));
      case AMQP.NOT_IMPLEMENTED, AMQP.PRECONDITION_FAILED ->
          Optional.of(
              new BrokerAccessException(
                  "RabbitMQ cannot serve the queue " + queue + " as a stream: " + closeText(error),
                  error));
      default -> Optional.empty();
    };
  }

  /** Whether the broker said that the queue does not exist. */
  public static boolean isMissingQueue(Throwable error) {
    return closeCode(error) == AMQP.NOT_FOUND;
  }

  /** The cause in one line, without a stack trace. */
  public static String describe(Throwable error) {
    String text = closeText(error);
    if (!text.isEmpty()) {
      return text;
    }
    Throwable cause =
        error.getMessage() == null && error.getCause() != null ? error.getCause() : error;
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
  }

  private static boolean has(Throwable error, Class<? extends Throwable> type) {
    return ExceptionUtils.findThrowable(error, type).isPresent();
  }

  private static Method closeReason(Throwable error) {
    return ExceptionUtils.findThrowable(error, ShutdownSignalException.class)
        .map(ShutdownSignalException::getReason)
        .orElse(null);
  }

  private static int closeCode(Throwable error) {
    Method reason = closeReason(error);
    if (reason instanceof AMQP.Connection.Close close) {
      return close.getReplyCode();
    }
    return reason instanceof AMQP.Channel.Close close ? close.getReplyCode() : 0;
  }

  private static String closeText(Throwable error) {
    Method reason = closeReason(error);
    if (reason instanceof AMQP.Connection.Close close) {
      return close.getReplyText();
    }
    return reason instanceof AMQP.Channel.Close close ? close.getReplyText() : "";
  }
}
