package io.candlewick.alerts;

import java.util.Set;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;
import org.apache.flink.table.data.RowData;
import org.apache.flink.util.Collector;

/**
 * Decides the rules of a symbol on what comes of it: the rules are broadcast, and of each symbol
 * that they are about it keeps a state, in which is what they remember.
 *
 * @param <T> what comes of a symbol
 * @param <S> what is kept of a symbol
 */
abstract class AlertFunction<T, S>
    extends KeyedBroadcastProcessFunction<String, T, RuleSet, RowData> {

  private static final long serialVersionUID = 1L;

  transient ValueState<S> state;
  private transient Counter fired;

  abstract ValueStateDescriptor<S> descriptor();

  /** Whether any rule of a symbol is decided here. */
  abstract boolean decides(SymbolRules rules);

  abstract Memories memories(S ofSymbol);

  @Override
  public void open(OpenContext context) {
    state = getRuntimeContext().getState(descriptor());
    fired = getRuntimeContext().getMetricGroup().counter("alertsFired");
  }

  @Override
  public void processBroadcastElement(RuleSet set, Context context, Collector<RowData> out)
      throws Exception {
    var rules = context.getBroadcastState(RulesInForce.STATE);
    Set<String> changed = RulesInForce.replace(rules, set);
    if (changed.isEmpty()) {
      return;
    }
    context.applyToKeyedState(
        descriptor(),
        (symbol, kept) -> {
          if (!changed.contains(symbol)) {
            return;
          }
          SymbolRules inForce = rules.get(symbol);
          if (inForce == null || !decides(inForce)) {
            kept.clear();
          } else {
            S ofSymbol = kept.value();
            memories(ofSymbol).retain(inForce);
            kept.update(ofSymbol);
          }
        });
  }

  /** Puts out the row of a rule that fired; does nothing where it did not, which is null. */
  void tell(AlertRule rule, Firing firing, Collector<RowData> out) {
    if (firing != null) {
      fired.inc();
      out.collect(AlertRow.of(rule, firing));
    }
  }
}
