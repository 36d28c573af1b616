package io.candlewick.market;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;

/** Makes events for tests: at a second of 2024-08-09 12:00 UTC, of the symbol A. */
final class Events {

  static final Instant NOON = Instant.parse("2024-08-09T12:00:00Z");
  static final long NOON_MILLIS = NOON.toEpochMilli();
  static final int DAY = (int) LocalDate.of(2024, 8, 9).toEpochDay();

  private Events() {}

  static MarketEvent trade(double second, long sequence, String price, String size) {
    return event(EventKind.TRADE, second, sequence, DAY, price, size, null);
  }

  static MarketEvent quote(double second, String price, String dayVolume) {
    return quote(second, DAY, price, dayVolume);
  }

  static MarketEvent quote(double second, int day, String price, String dayVolume) {
    return event(EventKind.QUOTE, second, MarketEvent.NO_SEQUENCE, day, price, null, dayVolume);
  }

  static MarketEvent breakAt(double second) {
    return event(EventKind.BREAK, second, MarketEvent.NO_SEQUENCE, DAY, null, null, null);
  }

  static MarketEvent heartbeat(double second) {
    return event(EventKind.HEARTBEAT, second, MarketEvent.NO_SEQUENCE, DAY, null, null, null);
  }

  private static MarketEvent event(
      EventKind kind,
      double second,
      long sequence,
      int day,
      String price,
      String size,
      String dayVolume) {
    long micros = NOON_MILLIS * 1000 + Math.round(second * 1e6);
    return new MarketEvent(
        "test:A:" + second + ":" + sequence,
        "test",
        kind == EventKind.HEARTBEAT ? null : "A",
        kind,
        micros,
        micros,
        day,
        sequence,
        number(price),
        number(size),
        number(dayVolume),
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        MarketEvent.NO_TIME);
  }

  static MinuteEvents minute(MarketEvent... events) {
    long start = MinuteEvents.startOf(events[0].eventTimeMillis());
    MinuteEvents minute = new MinuteEvents(events[0].symbol(), start);
    for (MarketEvent event : events) {
      minute.add(event);
    }
    return minute;
  }

  static BigDecimal number(String text) {
    return text == null ? null : new BigDecimal(text);
  }

  static String timeOf(long millis) {
    return Instant.ofEpochMilli(millis).atZone(ZoneOffset.UTC).toLocalTime().toString();
  }
}
