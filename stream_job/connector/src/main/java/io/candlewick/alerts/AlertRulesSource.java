package io.candlewick.alerts;

import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * The rules in force: the whole set at the start, and again whenever it has changed.
 *
 * <p>It has no splits and no state. Which rules are in force is the state of those who read it,
 * where a set that has not changed changes nothing. Run it with a parallelism of 1.
 */
final class AlertRulesSource implements Source<RuleSet, WholeTable, Void> {

  private static final long serialVersionUID = 1L;

  private final RuleDatabase database;
  private final boolean isBounded;

  /**
   * Prepares to read.
   *
   * @param isBounded whether it ends with the first set
   */
  AlertRulesSource(RuleDatabase database, boolean isBounded) {
    this.database = database;
    this.isBounded = isBounded;
  }

  @Override
  public Boundedness getBoundedness() {
    return isBounded ? Boundedness.BOUNDED : Boundedness.CONTINUOUS_UNBOUNDED;
  }

  @Override
  public SourceReader<RuleSet, WholeTable> createReader(SourceReaderContext context) {
    return new AlertRulesReader(database, isBounded, context.metricGroup());
  }

  @Override
  public SplitEnumerator<WholeTable, Void> createEnumerator(
      SplitEnumeratorContext<WholeTable> context) {
    return new WholeTable.Enumerator();
  }

  @Override
  public SplitEnumerator<WholeTable, Void> restoreEnumerator(
      SplitEnumeratorContext<WholeTable> context, Void checkpoint) {
    return new WholeTable.Enumerator();
  }

  @Override
  public SimpleVersionedSerializer<WholeTable> getSplitSerializer() {
    return new WholeTable.Nothing<>();
  }

  @Override
  public SimpleVersionedSerializer<Void> getEnumeratorCheckpointSerializer() {
    return new WholeTable.Nothing<>();
  }
}
