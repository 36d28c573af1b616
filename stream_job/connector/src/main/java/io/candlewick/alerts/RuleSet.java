package io.candlewick.alerts;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** All rules in force, as they were read at one moment. */
record RuleSet(List<AlertRule> rules) {

  Map<String, SymbolRules> bySymbol() {
    return rules.stream()
        .collect(
            Collectors.groupingBy(
                AlertRule::symbol,
                Collectors.collectingAndThen(Collectors.toList(), SymbolRules::new)));
  }
}
