package io.candlewick.connector.postgres;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;

/** How long the database has been away, and how long to wait before the next attempt. */
final class Outage {

  private static final long FIRST_WAIT_MILLIS = 100;
  private static final long LONGEST_WAIT_MILLIS = 10_000;

  /** Serialization failure, deadlock, too many connections, shutdowns: the same batch may pass. */
  private static final Set<String> PASSING =
      Set.of("40001", "40P01", "53300", "57P01", "57P02", "57P03", "25006");

  private final long startNanos = System.nanoTime();
  private final Duration longest;
  private long waitMillis = FIRST_WAIT_MILLIS;

  Outage(Duration longest) {
    this.longest = longest;
  }

  /** Whether the batch may pass later as it is. */
  static boolean isPassing(SQLException error) {
    String state = error.getSQLState();
    return state == null
        || state.startsWith("08")
        || PASSING.contains(state)
        || error.getCause() instanceof IOException;
  }

  /**
   * Waits for the next attempt, each time longer.
   *
   * @throws IOException the outage has lasted too long
   */
  void await(SQLException reason) throws IOException, InterruptedException {
    if (System.nanoTime() - startNanos > longest.toNanos()) {
      throw new IOException(
          "PostgreSQL has been unreachable for more than %s: %s"
              .formatted(longest, reason.getMessage()),
          reason);
    }
    Thread.sleep(waitMillis);
    waitMillis = Math.min(2 * waitMillis, LONGEST_WAIT_MILLIS);
  }
}
