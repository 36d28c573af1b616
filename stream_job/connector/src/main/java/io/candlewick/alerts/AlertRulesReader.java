package io.candlewick.alerts;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.metrics.groups.SourceReaderMetricGroup;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands over each set of rules that was read, less those that cannot be understood: they are logged
 * and counted in the metric {@code unreadableRules}, and the others go on.
 *
 * <p>It says at once that it is idle, so that no watermark waits for rules.
 */
final class AlertRulesReader implements SourceReader<RuleSet, WholeTable> {

  private static final Logger LOG = LoggerFactory.getLogger(AlertRulesReader.class);

  private final boolean isBounded;
  private final RulePolling polling;
  private final Object lock = new Object();
  private CompletableFuture<Void> available = new CompletableFuture<>();
  private RuleSet next;
  private boolean isIdle;
  private volatile int rulesInForce;
  private volatile int unreadableRules;

  AlertRulesReader(RuleDatabase database, boolean isBounded, SourceReaderMetricGroup metrics) {
    this.isBounded = isBounded;
    this.polling = new RulePolling(database, this::take, metrics.counter("ruleReadingsFailed"));
    metrics.gauge("rulesInForce", () -> rulesInForce);
    metrics.gauge("unreadableRules", () -> unreadableRules);
  }

  @Override
  public void start() {
    polling.start();
  }

  /** Called in the thread that reads. */
  private void take(List<AlertRule> rules) {
    List<AlertRule> readable = new ArrayList<>();
    for (AlertRule rule : rules) {
      try {
        ConditionReader.read(rule);
        readable.add(rule);
      } catch (UnreadableRuleException e) {
        LOG.warn("{} The others go on.", e.getMessage());
      }
    }
    rulesInForce = readable.size();
    unreadableRules = rules.size() - readable.size();
    LOG.info("{} alert rules are in force.", readable.size());
    synchronized (lock) {
      next = new RuleSet(List.copyOf(readable));
      available.complete(null);
    }
  }

  @Override
  public InputStatus pollNext(ReaderOutput<RuleSet> output) {
    if (!isIdle) {
      isIdle = true;
      output.markIdle();
    }
    RuleSet set;
    synchronized (lock) {
      set = next;
      next = null;
      if (set == null && available.isDone()) {
        available = new CompletableFuture<>();
      }
    }
    if (set == null) {
      return InputStatus.NOTHING_AVAILABLE;
    }
    output.collect(set);
    return isBounded ? InputStatus.END_OF_INPUT : InputStatus.MORE_AVAILABLE;
  }

  @Override
  public CompletableFuture<Void> isAvailable() {
    synchronized (lock) {
      return available;
    }
  }

  @Override
  public List<WholeTable> snapshotState(long checkpointId) {
    return List.of();
  }

  @Override
  public void addSplits(List<WholeTable> splits) {}

  @Override
  public void notifyNoMoreSplits() {}

  @Override
  public void close() {
    polling.close();
  }
}
