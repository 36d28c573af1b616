package io.candlewick.connector.postgres;

import java.io.Serializable;
import java.time.Duration;

/**
 * How to reach the database and when to write.
 *
 * @param url JDBC address without user and password
 * @param partitionFunction called with a UTC day before the first row of that day, or null
 * @param partitionColumn the time column that tells the day, or null
 * @param maxRows how many rows are written at once at most
 * @param interval how long a row waits at most
 * @param maxOutage how long an unreachable database is waited for before the job fails
 */
record CopyOptions(
    String url,
    String username,
    String password,
    String partitionFunction,
    String partitionColumn,
    int maxRows,
    Duration interval,
    Duration maxOutage)
    implements Serializable {

  /** Without the password, which must not reach a log or the console. */
  @Override
  public String toString() {
    return "CopyOptions[%s as %s]".formatted(url, username);
  }
}
