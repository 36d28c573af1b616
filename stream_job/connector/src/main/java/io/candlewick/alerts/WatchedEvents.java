package io.candlewick.alerts;

import io.candlewick.market.MarketEvent;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichFilterFunction;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;

/**
 * Lets through the trades and quotes of symbols with rules on events, in the chain of the stream
 * that they come from.
 *
 * <p>It reads the rules' symbols itself: a second input, such as a broadcast one, would cut the
 * chain, and every event would be serialized for the few that matter. It need not agree with what
 * is broadcast: a rule begins with the first event that comes to it, and without a rule an event is
 * passed over. What is let through is part of the checkpoint, so that nothing is missed after a
 * restart until the rules have been read again.
 */
final class WatchedEvents extends RichFilterFunction<MarketEvent> implements CheckpointedFunction {

  private static final long serialVersionUID = 1L;

  private final RuleDatabase database;
  private transient volatile Set<String> symbols;
  private transient ListState<String> state;
  private transient RulePolling polling;

  WatchedEvents(RuleDatabase database) {
    this.database = database;
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    state =
        context
            .getOperatorStateStore()
            .getUnionListState(new ListStateDescriptor<>("watched-symbols", Types.STRING));
    Set<String> restored = new HashSet<>();
    state.get().forEach(restored::add);
    symbols = Set.copyOf(restored);
  }

  @Override
  public void open(OpenContext context) {
    polling =
        new RulePolling(
            database,
            this::watch,
            getRuntimeContext().getMetricGroup().counter("ruleReadingsFailed"));
    polling.start();
  }

  private void watch(List<AlertRule> rules) {
    symbols =
        rules.stream()
            .filter(rule -> SymbolRules.KINDS_ON_EVENTS.contains(rule.kind()))
            .map(AlertRule::symbol)
            .collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public boolean filter(MarketEvent event) {
    Set<String> watched = symbols;
    return !watched.isEmpty() && event.price() != null && watched.contains(event.symbol());
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    state.update(List.copyOf(symbols));
  }

  @Override
  public void close() {
    if (polling != null) {
      polling.close();
    }
  }
}
