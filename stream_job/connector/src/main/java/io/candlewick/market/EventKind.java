package io.candlewick.market;

/** What a market event tells. */
public enum EventKind {
  /** Something traded: {@code price} and {@code size}. */
  TRADE("trade"),
  /** A polled snapshot: {@code price} and, where the venue gives it, the cumulative day volume. */
  QUOTE("quote"),
  /** The venue's time while nothing trades; it moves the watermark and nothing else. */
  HEARTBEAT("heartbeat"),
  /** The feed of the symbol broke or began: the candle is partial. */
  BREAK("break");

  private static final EventKind[] ALL = values();

  private final String wireName;

  EventKind(String wireName) {
    this.wireName = wireName;
  }

  /** The name in JSON and in the database. */
  public String wireName() {
    return wireName;
  }

  /** The kind of that name, or null. */
  static EventKind of(String wireName) {
    for (EventKind kind : ALL) {
      if (kind.wireName.equals(wireName)) {
        return kind;
      }
    }
    return null;
  }
}
