package io.candlewick.alerts;

import io.candlewick.alerts.SymbolRules.Ready;
import io.candlewick.market.MarketEvent;
import java.time.Duration;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.TimerService;
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
final class PriceAlertFunction extends AlertFunction<MarketEvent, SymbolPrices> {

  private static final long serialVersionUID = 1L;
  private static final ValueStateDescriptor<SymbolPrices> STATE =
      new ValueStateDescriptor<>("price-alerts", SymbolPricesSerializer.typeInfo());

  private final long outOfOrdernessMillis;
  private transient Counter latePricesIgnored;
  private transient SilenceWatch silences;

  PriceAlertFunction(Duration outOfOrderness) {
    this.outOfOrdernessMillis = outOfOrderness.toMillis();
  }

  @Override
  public void open(OpenContext context) {
    super.open(context);
    latePricesIgnored = getRuntimeContext().getMetricGroup().counter("latePricesIgnored");
    silences = new SilenceWatch();
  }

  /** Takes what the source says: whether all its streams have been without events for a while. */
  void setIdle(boolean isIdle) {
    silences.setIdle(isIdle);
  }

  @Override
  ValueStateDescriptor<SymbolPrices> descriptor() {
    return STATE;
  }

  @Override
  boolean decides(SymbolRules rules) {
    return rules.readsEvents();
  }

  @Override
  Memories memories(SymbolPrices ofSymbol) {
    return ofSymbol.memories;
  }

  @Override
  public void processElement(MarketEvent event, ReadOnlyContext context, Collector<RowData> out)
      throws Exception {
    SymbolRules rules = context.getBroadcastState(RulesInForce.STATE).get(event.symbol());
    if (rules == null || !decides(rules)) {
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
}
