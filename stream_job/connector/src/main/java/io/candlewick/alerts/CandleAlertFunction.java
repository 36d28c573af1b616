package io.candlewick.alerts;

import io.candlewick.alerts.SymbolRules.Ready;
import java.util.Set;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;
import org.apache.flink.table.data.RowData;
import org.apache.flink.util.Collector;

/**
 * Decides the rules on the final candles of a symbol and on their indicators, each rule once a
 * candle: the first time that its value is known.
 */
final class CandleAlertFunction
    extends KeyedBroadcastProcessFunction<String, CandleValues, RuleSet, RowData> {

  private static final long serialVersionUID = 1L;
  private static final ValueStateDescriptor<Memories> STATE =
      new ValueStateDescriptor<>("candle-alerts", MemoriesSerializer.typeInfo());

  private transient ValueState<Memories> state;
  private transient Counter fired;

  @Override
  public void open(OpenContext context) {
    state = getRuntimeContext().getState(STATE);
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
        STATE,
        (symbol, ofSymbol) -> {
          if (!changed.contains(symbol)) {
            return;
          }
          SymbolRules inForce = rules.get(symbol);
          if (inForce == null || inForce.onCandles().isEmpty()) {
            ofSymbol.clear();
          } else {
            Memories memories = ofSymbol.value();
            memories.retain(inForce);
            ofSymbol.update(memories);
          }
        });
  }

  @Override
  public void processElement(CandleValues candle, ReadOnlyContext context, Collector<RowData> out)
      throws Exception {
    SymbolRules rules = context.getBroadcastState(RulesInForce.STATE).get(candle.symbol());
    if (rules == null) {
      return;
    }
    Memories memories = null;
    for (Ready<CandleCondition> ready : rules.onCandles()) {
      AlertRule rule = ready.rule();
      if (!rule.interval().equals(candle.interval()) || !ready.condition().reads(candle)) {
        continue;
      }
      if (memories == null) {
        memories = state.value() == null ? new Memories() : state.value();
      }
      Memories.Entry entry = memories.of(ready);
      boolean isNew = candle.startMicros() > entry.decidedMicros;
      Firing firing = ready.condition().next(entry.memory, candle, isNew);
      if (isNew) {
        entry.decidedMicros = candle.startMicros();
      }
      if (firing != null) {
        fired.inc();
        out.collect(AlertRow.of(rule, firing));
      }
    }
    if (memories != null) {
      state.update(memories);
    }
  }
}
