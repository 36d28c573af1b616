package io.candlewick.connector.rabbitmq.connection;

import java.util.concurrent.ThreadLocalRandom;

/**
 * Exponential back-off without an end: 0.25 s, doubled up to 15 s, each shortened by a random fifth
 * at most.
 */
public final class Backoff {
  private static final long INITIAL_MS = 250;
  private static final long MAXIMUM_MS = 15_000;

  private long delayMillis = INITIAL_MS;
  private long dueNanos = System.nanoTime();

  /** Notes a failure and returns the milliseconds until the next attempt. */
  public long fail() {
    long jitter = ThreadLocalRandom.current().nextLong(delayMillis / 5 + 1);
    long wait = delayMillis - jitter;
    delayMillis = Math.min(delayMillis * 2, MAXIMUM_MS);
    dueNanos = System.nanoTime() + wait * 1_000_000;
    return wait;
  }

  /** Notes a success: the next attempt is due at once. */
  public void reset() {
    delayMillis = INITIAL_MS;
    dueNanos = System.nanoTime();
  }

  /** Milliseconds until the next attempt is due; 0 when it is. */
  public long remainingMillis() {
    return Math.max(0, (dueNanos - System.nanoTime() + 999_999) / 1_000_000);
  }

  public boolean isDue() {
    return dueNanos - System.nanoTime() <= 0;
  }
}
