package io.candlewick.market;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;

/** Makes events of any symbol at any time; {@link Events} has those of one noon. */
public record Ticks(String symbol, LocalDate tradingDay, Instant sessionEnd) {

  /** Events of a symbol whose venue never closes. */
  public static Ticks of(String symbol) {
    return new Ticks(symbol, null, null);
  }

  /** The same symbol in a session of a venue, which may close at a known time. */
  public Ticks session(String tradingDay, String sessionEnd) {
    Instant end = sessionEnd == null ? null : Instant.parse(sessionEnd);
    return new Ticks(symbol, LocalDate.parse(tradingDay), end);
  }

  public MarketEvent trade(Instant time, long sequence, BigDecimal price, BigDecimal size) {
    return event(EventKind.TRADE, time, sequence, price, size, null);
  }

  public MarketEvent trade(String time, long sequence, String price, String size) {
    return trade(Instant.parse(time), sequence, new BigDecimal(price), new BigDecimal(size));
  }

  public MarketEvent quote(Instant time, BigDecimal price, BigDecimal dayVolume) {
    return event(EventKind.QUOTE, time, MarketEvent.NO_SEQUENCE, price, null, dayVolume);
  }

  public MarketEvent breakAt(Instant time) {
    return event(EventKind.BREAK, time, MarketEvent.NO_SEQUENCE, null, null, null);
  }

  public MarketEvent breakAt(String time) {
    return breakAt(Instant.parse(time));
  }

  private MarketEvent event(
      EventKind kind,
      Instant time,
      long sequence,
      BigDecimal price,
      BigDecimal size,
      BigDecimal dayVolume) {
    long micros = time.getEpochSecond() * 1_000_000 + time.getNano() / 1000;
    LocalDate day = tradingDay == null ? time.atZone(ZoneOffset.UTC).toLocalDate() : tradingDay;
    return new MarketEvent(
        "test:" + symbol + ":" + time + ":" + sequence,
        "test",
        symbol,
        kind,
        micros,
        micros,
        (int) day.toEpochDay(),
        sequence,
        price,
        size,
        dayVolume,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        sessionEnd == null ? MarketEvent.NO_TIME : sessionEnd.toEpochMilli() * 1000);
  }
}
