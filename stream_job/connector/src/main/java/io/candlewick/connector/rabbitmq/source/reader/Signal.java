package io.candlewick.connector.rabbitmq.source.reader;

/**
 * Wakes the fetcher's thread: something was delivered, a connection was lost, or Flink has
 * something to do.
 */
final class Signal {
  private boolean raised;

  synchronized void raise() {
    raised = true;
    notifyAll();
  }

  /** Waits until the signal is raised, or for so many milliseconds; lowers it. */
  synchronized void await(long millis) {
    long deadline = System.nanoTime() + millis * 1_000_000;
    try {
      while (!raised) {
        long remaining = (deadline - System.nanoTime()) / 1_000_000;
        if (remaining <= 0) {
          break;
        }
        wait(remaining);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    raised = false;
  }
}
