package io.candlewick.market;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The final candles that events of one symbol come to, computed from the raw events bucket by
 * bucket: nothing of what the operator does, no minutes that are merged, nothing incremental.
 *
 * <p>For feeds of trades alone, or of quotes alone whose day volume never falls.
 */
final class ReferenceCandles {

  private static final Comparator<MarketEvent> IN_TIME =
      Comparator.comparingLong(MarketEvent::eventTimeMicros)
          .thenComparingLong(MarketEvent::sequence);

  private final List<MarketEvent> all;
  private final List<MarketEvent> priced;
  private final Set<Long> partialMinutes = new HashSet<>();

  ReferenceCandles(List<MarketEvent> events) {
    all = events.stream().sorted(IN_TIME).toList();
    priced = all.stream().filter(event -> event.price() != null).toList();
    TreeSet<Long> candles = new TreeSet<>();
    priced.forEach(event -> candles.add(minuteOf(event)));
    partialMinutes.add(candles.first());
    for (MarketEvent event : all) {
      if (event.kind() == EventKind.BREAK) {
        partialMinutes.add(minuteOf(event));
        Long resumed = candles.higher(minuteOf(event));
        if (resumed != null) {
          partialMinutes.add(resumed);
        }
      }
    }
  }

  TreeMap<String, Row> table(Interval interval) {
    Map<Long, List<MarketEvent>> buckets = new HashMap<>();
    for (MarketEvent event : all) {
      buckets.computeIfAbsent(startOf(interval, event), start -> new ArrayList<>()).add(event);
    }
    TreeMap<String, Row> table = new TreeMap<>();
    buckets.forEach(
        (start, events) -> {
          List<MarketEvent> prices = events.stream().filter(e -> e.price() != null).toList();
          if (!prices.isEmpty()) {
            Instant label = Instant.ofEpochMilli(start);
            String key = CandleHarness.key(prices.get(0).symbol(), interval.wireName(), label);
            table.put(key, row(start, events, prices));
          }
        });
    return table;
  }

  private Row row(long start, List<MarketEvent> events, List<MarketEvent> prices) {
    BigDecimal volume = BigDecimal.ZERO;
    BigDecimal turnover = BigDecimal.ZERO;
    long trades = 0;
    for (MarketEvent event : prices) {
      if (event.kind() == EventKind.TRADE) {
        volume = volume.add(event.size());
        turnover = turnover.add(event.price().multiply(event.size()));
        trades++;
      }
    }
    String vwap =
        volume.signum() == 0 ? null : text(turnover.divide(volume, 18, RoundingMode.HALF_EVEN));
    if (trades == 0) {
      volume = growth(prices);
    }
    MarketEvent first = prices.get(0);
    long counted = events.stream().filter(e -> minuteOf(e) >= minuteOf(first)).count();
    long toldBefore =
        all.stream()
            .filter(e -> e.dayVolume() != null && e.tradingDay() == first.tradingDay())
            .filter(e -> minuteOf(e) < minuteOf(first))
            .count();
    return new Row(
        Events.timeOf(start),
        text(first.price()),
        text(prices.stream().map(MarketEvent::price).max(BigDecimal::compareTo).orElseThrow()),
        text(prices.stream().map(MarketEvent::price).min(BigDecimal::compareTo).orElseThrow()),
        text(prices.get(prices.size() - 1).price()),
        text(volume),
        vwap,
        trades,
        true,
        events.stream().anyMatch(event -> partialMinutes.contains(minuteOf(event))),
        2 * (counted + toldBefore) + 1);
  }

  /** How far the day's volume rose in these quotes, each against the last one before it. */
  private BigDecimal growth(List<MarketEvent> quotes) {
    BigDecimal growth = BigDecimal.ZERO;
    for (MarketEvent quote : quotes) {
      int place = priced.indexOf(quote);
      if (place == 0) {
        continue; // What the day had before the start is not ours.
      }
      MarketEvent before = priced.get(place - 1);
      boolean sameDay = before.tradingDay() == quote.tradingDay();
      growth =
          growth.add(sameDay ? quote.dayVolume().subtract(before.dayVolume()) : quote.dayVolume());
    }
    return growth;
  }

  private static long startOf(Interval interval, MarketEvent event) {
    return interval == Interval.DAY
        ? event.tradingDay() * 86_400_000L
        : event.eventTimeMillis() / interval.millis() * interval.millis();
  }

  private static long minuteOf(MarketEvent event) {
    return event.eventTimeMillis() / 60_000;
  }

  private static String text(BigDecimal value) {
    return value.stripTrailingZeros().toPlainString();
  }
}
