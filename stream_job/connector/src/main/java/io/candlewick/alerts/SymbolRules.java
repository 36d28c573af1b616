package io.candlewick.alerts;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The rules in force for one symbol: what is broadcast, and part of every checkpoint. */
final class SymbolRules {

  /** The kinds that are decided on events and not on candles. */
  static final Set<String> KINDS_ON_EVENTS = Set.of("price_cross", "percent_move", "feed_silent");

  private static final Logger LOG = LoggerFactory.getLogger(SymbolRules.class);

  /** A rule whose parameters are read; its version is kept because each price asks for it. */
  record Ready<C extends Condition>(AlertRule rule, long version, C condition) {

    Ready(AlertRule rule, C condition) {
      this(rule, rule.version(), condition);
    }
  }

  final List<AlertRule> rules;
  private List<Ready<PriceCondition>> onPrices;
  private List<Ready<FeedSilent>> onSilence;
  private List<Ready<CandleCondition>> onCandles;

  SymbolRules(List<AlertRule> rules) {
    this.rules = List.copyOf(rules);
  }

  /** Whether any rule is decided on events. */
  boolean readsEvents() {
    return !onPrices().isEmpty() || !onSilence().isEmpty();
  }

  List<Ready<PriceCondition>> onPrices() {
    makeReady();
    return onPrices;
  }

  List<Ready<FeedSilent>> onSilence() {
    makeReady();
    return onSilence;
  }

  List<Ready<CandleCondition>> onCandles() {
    makeReady();
    return onCandles;
  }

  private void makeReady() {
    if (onPrices != null) {
      return;
    }
    List<Ready<PriceCondition>> prices = new ArrayList<>();
    onSilence = new ArrayList<>();
    onCandles = new ArrayList<>();
    for (AlertRule rule : rules) {
      try {
        Condition condition = ConditionReader.read(rule);
        if (condition instanceof PriceCondition price) {
          prices.add(new Ready<>(rule, price));
        } else if (condition instanceof CandleCondition candle) {
          onCandles.add(new Ready<>(rule, candle));
        } else if (condition instanceof FeedSilent silent) {
          onSilence.add(new Ready<>(rule, silent));
        }
      } catch (UnreadableRuleException e) {
        // The source lets only readable rules through: one that another version could read.
        LOG.warn("{} It does not fire.", e.getMessage());
      }
    }
    onPrices = prices;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SymbolRules that && that.rules.equals(rules);
  }

  @Override
  public int hashCode() {
    return rules.hashCode();
  }
}
