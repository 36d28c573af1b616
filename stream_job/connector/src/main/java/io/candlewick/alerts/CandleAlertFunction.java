package io.candlewick.alerts;

import io.candlewick.alerts.SymbolRules.Ready;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.table.data.RowData;
import org.apache.flink.util.Collector;

/**
 * Decides the rules on the final candles of a symbol and on their indicators, each rule once a
 * candle: the first time that its value is known.
 */
final class CandleAlertFunction extends AlertFunction<CandleValues, Memories> {

  private static final long serialVersionUID = 1L;
  private static final ValueStateDescriptor<Memories> STATE =
      new ValueStateDescriptor<>("candle-alerts", MemoriesSerializer.typeInfo());

  @Override
  ValueStateDescriptor<Memories> descriptor() {
    return STATE;
  }

  @Override
  boolean decides(SymbolRules rules) {
    return !rules.onCandles().isEmpty();
  }

  @Override
  Memories memories(Memories ofSymbol) {
    return ofSymbol;
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
      tell(rule, firing, out);
    }
    if (memories != null) {
      state.update(memories);
    }
  }
}
