package io.candlewick.market;

import java.util.List;

/** How long a candle is. All but the day follow the UTC clock; a day is the venue's trading day. */
public enum Interval {
  MINUTE("1m", MinuteEvents.MINUTE_MILLIS),
  FIVE_MINUTES("5m", 5 * MinuteEvents.MINUTE_MILLIS),
  QUARTER("15m", 15 * MinuteEvents.MINUTE_MILLIS),
  HOUR("1h", 60 * MinuteEvents.MINUTE_MILLIS),
  DAY("1d", 24 * 60 * MinuteEvents.MINUTE_MILLIS);

  /** The intervals whose candles are made of minutes. */
  static final List<Interval> LONGER = List.of(FIVE_MINUTES, QUARTER, HOUR, DAY);

  private final String wireName;
  private final long millis;

  Interval(String wireName, long millis) {
    this.wireName = wireName;
    this.millis = millis;
  }

  /** The name in the table {@code candles}. */
  public String wireName() {
    return wireName;
  }

  /** The length in milliseconds; of a trading day, the length of the date that labels it. */
  public long millis() {
    return millis;
  }

  /**
   * The label of the candle that a minute belongs to: the beginning of the candle, and of a day
   * midnight UTC of the trading day's date, wherever the venue is and whenever it opens.
   *
   * @return milliseconds since the epoch, UTC
   */
  long startOf(MinuteEvents minute) {
    if (this != DAY) {
      return Math.floorDiv(minute.startMillis, millis) * millis;
    }
    return minute.dayOf() * millis;
  }
}
