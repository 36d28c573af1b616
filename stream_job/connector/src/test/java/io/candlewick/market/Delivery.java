package io.candlewick.market;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Events on their way to the candle operator: some late, out of order, and combined by chance as
 * the step before the shuffle does. The watermark follows two seconds behind the newest.
 */
final class Delivery {

  private static final long MAX_DELAY_MICROS = 8 * 60_000_000L;
  private static final long DISORDER_MILLIS = 2_000;

  private final List<MarketEvent> events;
  private final Random random;

  private Delivery(List<MarketEvent> events, Random random) {
    this.events = events;
    this.random = random;
  }

  /**
   * Delays every eighth event by up to eight minutes. The first event, breaks, and the first event
   * after the minute of a break are in time: which candle is partial is known when it is made.
   */
  static Delivery of(List<MarketEvent> inTime, Random random) {
    Map<MarketEvent, Long> arrival = new IdentityHashMap<>();
    long resumes = Long.MIN_VALUE;
    for (MarketEvent event : inTime) {
      long minute = MinuteEvents.startOf(event.eventTimeMillis());
      boolean isPunctual = event.kind() == EventKind.BREAK || minute > resumes;
      if (event.kind() == EventKind.BREAK) {
        resumes = minute;
      } else if (minute > resumes) {
        resumes = Long.MAX_VALUE;
      }
      boolean isLate = !isPunctual && random.nextInt(8) == 0;
      long delay = isLate ? random.nextLong(MAX_DELAY_MICROS) : 0;
      arrival.put(event, event.eventTimeMicros() + delay);
    }
    List<MarketEvent> arriving = new ArrayList<>(inTime);
    arriving.sort(Comparator.comparingLong(arrival::get));
    return new Delivery(arriving, random);
  }

  int size() {
    return events.size();
  }

  /** Delivers the events from one place in their order of arrival to another. */
  void deliver(CandleHarness candles, int from, int to) throws Exception {
    long newest =
        events.subList(0, from).stream()
            .mapToLong(MarketEvent::eventTimeMillis)
            .max()
            .orElse(Long.MIN_VALUE);
    Map<Long, MinuteEvents> combined = new LinkedHashMap<>();
    for (MarketEvent event : events.subList(from, to)) {
      long start = MinuteEvents.startOf(event.eventTimeMillis());
      combined
          .computeIfAbsent(start, minute -> new MinuteEvents(event.symbol(), minute))
          .add(event);
      newest = Math.max(newest, event.eventTimeMillis());
      if (random.nextInt(4) == 0) {
        flush(candles, combined);
        candles.passMillis(random.nextInt(400));
        if (random.nextBoolean()) {
          candles.watermark(Instant.ofEpochMilli(newest - DISORDER_MILLIS));
        }
      }
    }
    flush(candles, combined);
  }

  private static void flush(CandleHarness candles, Map<Long, MinuteEvents> combined)
      throws Exception {
    for (MinuteEvents minute : combined.values()) {
      candles.add(minute);
    }
    combined.clear();
  }
}
