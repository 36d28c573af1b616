package io.candlewick.connector.rabbitmq.connection;

import java.io.IOException;

/**
 * The broker answered, and refuses what we ask for: trying again does not help, changing the
 * configuration does.
 */
public final class BrokerAccessException extends IOException {
  private static final long serialVersionUID = 1L;

  BrokerAccessException(String message, Throwable cause) {
    super(message, cause);
  }
}
