package io.candlewick.alerts;

import java.io.Serializable;
import java.time.Duration;

/**
 * Where the rules are, and how often they are read.
 *
 * @param url JDBC address without user and password
 * @param interval from the end of one reading to the next
 */
public record RuleDatabase(String url, String username, String password, Duration interval)
    implements Serializable {

  /** Without the password, which must not reach a log or the console. */
  @Override
  public String toString() {
    return "RuleDatabase[%s as %s]".formatted(url, username);
  }
}
