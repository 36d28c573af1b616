package io.candlewick.alerts;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;

/** The broadcast state: the rules by symbol, the same in every subtask. */
final class RulesInForce {

  static final MapStateDescriptor<String, SymbolRules> STATE =
      new MapStateDescriptor<>("rules-in-force", Types.STRING, SymbolRulesSerializer.typeInfo());

  private RulesInForce() {}

  /** Puts the set in the place of what was in force; returns the symbols whose rules changed. */
  static Set<String> replace(BroadcastState<String, SymbolRules> state, RuleSet set)
      throws Exception {
    Map<String, SymbolRules> next = set.bySymbol();
    Set<String> changed = new HashSet<>();
    for (Map.Entry<String, SymbolRules> entry : state.entries()) {
      if (!entry.getValue().equals(next.get(entry.getKey()))) {
        changed.add(entry.getKey());
      }
    }
    for (Map.Entry<String, SymbolRules> entry : next.entrySet()) {
      if (!state.contains(entry.getKey())) {
        changed.add(entry.getKey());
      }
    }
    for (String symbol : changed) {
      if (next.containsKey(symbol)) {
        state.put(symbol, next.get(symbol));
      } else {
        state.remove(symbol);
      }
    }
    return changed;
  }
}
