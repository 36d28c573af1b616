package io.candlewick.market;

import java.math.BigDecimal;

/**
 * One valid market event. Immutable, so operators of a chain may share it.
 *
 * @param eventTimeMicros the venue's clock, microseconds since the epoch, UTC
 * @param ingestTimeMicros our clock, in the same unit; never mixed with the venue's
 * @param tradingDay the venue's session date as a day of the epoch, or {@link #NO_DAY}
 * @param sessionEndMicros when the venue's session of that day closes, microseconds since the
 *     epoch, or {@link #NO_TIME} where the venue has no sessions or the provider does not know
 * @param sequence the venue's number of the event, or {@link #NO_SEQUENCE}: breaks ties of time
 */
public record MarketEvent(
    String eventId,
    String source,
    String symbol,
    EventKind kind,
    long eventTimeMicros,
    long ingestTimeMicros,
    int tradingDay,
    long sequence,
    BigDecimal price,
    BigDecimal size,
    BigDecimal dayVolume,
    BigDecimal bid,
    BigDecimal ask,
    BigDecimal dayOpen,
    BigDecimal dayHigh,
    BigDecimal dayLow,
    BigDecimal previousClose,
    BigDecimal marketCap,
    long sessionEndMicros) {

  public static final int NO_DAY = Integer.MIN_VALUE;
  public static final long NO_SEQUENCE = Long.MIN_VALUE;
  public static final long NO_TIME = Long.MIN_VALUE;

  /** The event time as Flink counts it: milliseconds, rounded down. */
  public long eventTimeMillis() {
    return Math.floorDiv(eventTimeMicros, 1000L);
  }

  /** The session's close in milliseconds, or {@link MinuteEvents#NO_TIME}. */
  long sessionEndMillis() {
    return sessionEndMicros == NO_TIME
        ? MinuteEvents.NO_TIME
        : Math.floorDiv(sessionEndMicros, 1000L);
  }
}
