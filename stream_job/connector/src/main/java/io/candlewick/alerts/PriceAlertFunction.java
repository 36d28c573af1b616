package io.candlewick.alerts;

import io.candlewick.alerts.SymbolRules.Ready;
import io.candlewick.market.MarketEvent;
import java.time.Duration;
import java.util.Set;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;
import org.apache.flink.table.data.RowData;
import org.apache.flink.util.Collector;

/**
 * Decides the rules on the events of a symbol.
 *
 * <p>Prices are decided on in the order of event time, then of the venue's sequence, whatever order
 * they come in: each waits until the watermark, or the symbol's own newest event, is further than
 * events may be out of order. One that comes later than that is not decided on, and counted in the
 * metric {@code latePricesIgnored}. So what fires is what the raw events say, and a replay says the
 * same.
 */
final class PriceAlertFunction
    extends KeyedBroadcastProcessFunction<String, MarketEvent, RuleSet, RowData> {

  private static final long serialVersionUID = 1L;
  private static final ValueStateDescriptor<SymbolPrices> STATE =
      new ValueStateDescriptor<>("price-alerts", SymbolPricesSerializer.typeInfo());

  private final long outOfOrdernessMillis;
  private transient ValueState<SymbolPrices> state;
  private transient Counter latePricesIgnored;
  private transient Counter fired;
  private transient SilenceWatch silences;

  PriceAlertFunction(Duration outOfOrderness) {
    this.outOfOrdernessMillis = outOfOrderness.toMillis();
  }

  @Override
  public void open(OpenContext context) {
    state = getRuntimeContext().getState(STATE);
    latePricesIgnored = getRuntimeContext().getMetricGroup().counter("latePricesIgnored");
    fired = getRuntimeContext().getMetricGroup().counter("alertsFired");
    silences = new SilenceWatch();
  }

  /** Takes what the source says: whether all its streams have been without events for a while. */
  void setIdle(boolean isIdle) {
    silences.setIdle(isIdle);
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
          if (inForce == null || !inForce.readsEvents()) {
            ofSymbol.clear();
          } else {
            SymbolPrices prices = ofSymbol.value();
            prices.memories.retain(inForce);
            ofSymbol.update(prices);
          }
        });
  }

  @Override
  public void processElement(MarketEvent event, ReadOnlyContext context, Collector<RowData> out)
      throws Exception {
    SymbolRules rules = context.getBroadcastState(RulesInForce.STATE).get(event.symbol());
    if (rules == null || !rules.readsEvents()) {
      return;
    }
    TimerService timers = context.timerService();
    SymbolPrices prices = state.value();
    if (prices == null) {
      prices = new SymbolPrices();
    }
    prices.arrived(event, timers.currentProcessingTime());
    if (!rules.onPrices().isEmpty()) {
      if (!prices.wait(event)) {
        latePricesIgnored.inc();
      }
      decide(prices, rules, timers, out);
    }
    silences.plan(prices, rules, timers);
    state.update(prices);
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<RowData> out)
      throws Exception {
    SymbolPrices prices = state.value();
    SymbolRules rules = context.getBroadcastState(RulesInForce.STATE).get(context.getCurrentKey());
    if (prices == null || rules == null) {
      return;
    }
    TimerService timers = context.timerService();
    switch (context.timeDomain()) {
      case EVENT_TIME -> {
        if (timestamp >= prices.decisionPlannedMillis) {
          prices.decisionPlannedMillis = SymbolPrices.NONE;
        }
        if (timestamp >= prices.silencePlannedMillis) {
          prices.silencePlannedMillis = SymbolPrices.NONE;
        }
      }
      case PROCESSING_TIME -> {
        if (timestamp >= prices.clockPlannedMillis) {
          prices.clockPlannedMillis = SymbolPrices.NONE;
        }
      }
    }
    decide(prices, rules, timers, out);
    silences.tell(prices, rules, timers, (rule, firing) -> tell(rule, firing, out));
    silences.plan(prices, rules, timers);
    state.update(prices);
  }

  private void decide(
      SymbolPrices prices, SymbolRules rules, TimerService timers, Collector<RowData> out) {
    // As the source's watermark would be if there were no other symbol.
    long ownWatermark = Math.floorDiv(prices.newestMicros, 1000L) - outOfOrdernessMillis - 1;
    long watermark = Math.max(ownWatermark, timers.currentWatermark());
    long before = watermark == Long.MAX_VALUE ? Long.MAX_VALUE : (watermark + 1) * 1000L;
    for (SymbolPrices.Waiting price : prices.takeBefore(before)) {
      for (Ready<PriceCondition> ready : rules.onPrices()) {
        AlertRule rule = ready.rule();
        Memory memory = prices.memories.of(ready).memory;
        tell(
            rule,
            ready.condition().next(memory, rule.symbol(), price.timeMicros(), price.price()),
            out);
      }
    }
    if (!prices.waiting.isEmpty() && prices.decisionPlannedMillis == SymbolPrices.NONE) {
      prices.decisionPlannedMillis = Math.floorDiv(prices.newestMicros, 1000L);
      timers.registerEventTimeTimer(prices.decisionPlannedMillis);
    }
  }

  private void tell(AlertRule rule, Firing firing, Collector<RowData> out) {
    if (firing != null) {
      fired.inc();
      out.collect(AlertRow.of(rule, firing));
    }
  }
}
