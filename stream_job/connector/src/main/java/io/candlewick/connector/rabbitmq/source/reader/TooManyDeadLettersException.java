package io.candlewick.connector.rabbitmq.source.reader;

import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.runtime.throwable.ThrowableAnnotation;
import org.apache.flink.runtime.throwable.ThrowableType;

/**
 * Nearly everything is undecodable. Flink does not restart the job after it: that would drain the
 * queue bit by bit.
 */
@PublicEvolving
@ThrowableAnnotation(ThrowableType.NonRecoverableError)
public final class TooManyDeadLettersException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TooManyDeadLettersException(int count, int window, String lastReason) {
    super(
        "Of the last "
            + window
            + " messages "
            + count
            + " held nothing that could be decoded, so the job stops rather than move everything to the dead-letter"
            + " queue. Check that the format fits the queues. The last reason was: "
            + lastReason);
  }
}
