package io.candlewick.alerts;

import java.sql.SQLException;
import java.util.List;
import java.util.function.Consumer;
import org.apache.flink.metrics.Counter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the rules again and again in a thread of its own, so that neither events nor checkpoints
 * wait for the database. While that is away the rules stay as they were, and it is asked again.
 */
final class RulePolling implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(RulePolling.class);

  private final RuleTable table;
  private final long intervalMillis;
  private final Consumer<List<AlertRule>> changed;
  private final Counter failures;
  private final Thread thread;
  private List<AlertRule> newest;
  private boolean isAway;
  private volatile boolean isClosed;

  /**
   * Prepares to read.
   *
   * @param changed called, in the thread, with the first rules and with those of every change
   * @param failures counts readings that failed
   */
  RulePolling(RuleDatabase database, Consumer<List<AlertRule>> changed, Counter failures) {
    this.table = new RuleTable(database);
    this.intervalMillis = database.interval().toMillis();
    this.changed = changed;
    this.failures = failures;
    this.thread = new Thread(this::run, "alert-rules");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  private void run() {
    while (!isClosed) {
      readOnce();
      try {
        Thread.sleep(intervalMillis);
      } catch (InterruptedException e) {
        return; // Only close() interrupts.
      }
    }
  }

  private void readOnce() {
    try {
      List<AlertRule> rules = table.read();
      if (isAway) {
        isAway = false;
        LOG.info("The alert rules can be read again.");
      }
      if (!rules.equals(newest)) {
        newest = rules;
        changed.accept(rules);
      }
    } catch (SQLException | RuntimeException e) {
      // Whatever it is, a thread that ended would leave the rules as they are for ever.
      if (isClosed) {
        return;
      }
      failures.inc();
      if (!isAway) {
        isAway = true;
        LOG.warn(
            "The alert rules cannot be read; those in force stay, and they are asked for again"
                + " every {} ms: {}",
            intervalMillis,
            e.getMessage());
      }
    }
  }

  @Override
  public void close() {
    isClosed = true;
    thread.interrupt();
    table.close();
  }
}
