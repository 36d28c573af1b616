package io.candlewick.alerts;

import io.candlewick.alerts.SymbolRules.Ready;
import org.apache.flink.streaming.api.TimerService;

/**
 * Finds out by two clocks which silences of a symbol have lasted long enough, as {@link FeedSilent}
 * says, and has the symbol looked at again when the next one is due.
 */
final class SilenceWatch {

  /** Takes what is to be told. */
  interface Output {
    void tell(AlertRule rule, Firing firing);
  }

  /** How soon a silence is looked at again for which the source does not say that it is idle. */
  private static final long LOOK_AGAIN_MILLIS = 10_000;

  private long startedAtMillis = SymbolPrices.NONE;
  private boolean isIdle;

  /** Takes what the source says: whether all its streams have been without events for a while. */
  void setIdle(boolean isIdle) {
    this.isIdle = isIdle;
  }

  /** Tells every silence that has lasted long enough. */
  void tell(SymbolPrices prices, SymbolRules rules, TimerService timers, Output out) {
    long watermark = timers.currentWatermark();
    for (Ready<FeedSilent> ready : rules.onSilence()) {
      FeedSilent condition = ready.condition();
      Silence silence = (Silence) prices.memories.of(ready).memory;
      if (!isToCome(prices, condition, silence)) {
        continue;
      }
      // The last watermark of a stream that ends says nothing of the time.
      boolean byMarket = watermark != Long.MAX_VALUE && watermark >= dueMillis(prices, condition);
      boolean byClock =
          isIdle && timers.currentProcessingTime() >= clockDueMillis(prices, condition, timers);
      if (byMarket || byClock) {
        silence.tellAfter(prices.newestMicros);
        out.tell(ready.rule(), condition.firing(ready.rule().symbol(), prices.newestMicros));
      }
    }
  }

  /** Plans a timer of each clock for the first silence that is still to come. */
  void plan(SymbolPrices prices, SymbolRules rules, TimerService timers) {
    FeedSilent first = null;
    for (Ready<FeedSilent> ready : rules.onSilence()) {
      FeedSilent condition = ready.condition();
      Silence silence = (Silence) prices.memories.of(ready).memory;
      if (isToCome(prices, condition, silence)
          && (first == null || condition.minutes() < first.minutes())) {
        first = condition;
      }
    }
    if (first == null || timers.currentWatermark() == Long.MAX_VALUE) {
      return; // At the end of a stream a timer would be due at once, again and again.
    }
    long due = dueMillis(prices, first);
    if (prices.silencePlannedMillis == SymbolPrices.NONE || due < prices.silencePlannedMillis) {
      prices.silencePlannedMillis = due;
      timers.registerEventTimeTimer(due);
    }
    long now = timers.currentProcessingTime();
    long clockDue = clockDueMillis(prices, first, timers);
    if (clockDue <= now) {
      clockDue = now + LOOK_AGAIN_MILLIS;
    }
    if (prices.clockPlannedMillis == SymbolPrices.NONE || clockDue < prices.clockPlannedMillis) {
      prices.clockPlannedMillis = clockDue;
      timers.registerProcessingTimeTimer(clockDue);
    }
  }

  private static boolean isToCome(SymbolPrices prices, FeedSilent condition, Silence silence) {
    long endMicros = prices.newestMicros + condition.millis() * 1000L;
    return !silence.isToldAfter(prices.newestMicros) && prices.isOpenAt(endMicros);
  }

  private static long dueMillis(SymbolPrices prices, FeedSilent condition) {
    return Math.floorDiv(prices.newestMicros, 1000L) + condition.millis();
  }

  private long clockDueMillis(SymbolPrices prices, FeedSilent condition, TimerService timers) {
    if (startedAtMillis == SymbolPrices.NONE) {
      startedAtMillis = timers.currentProcessingTime();
    }
    return Math.max(prices.arrivedAtMillis, startedAtMillis) + condition.millis();
  }
}
