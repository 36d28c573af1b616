package io.candlewick.market;

import java.math.BigDecimal;

/**
 * What the events of one symbol in one minute come to: the value that is combined before the
 * shuffle, kept in state, and can be merged into longer intervals.
 *
 * <p>Adding is associative, and independent of order as {@link PriceRange} says; nothing in it
 * depends on how events were grouped on the way. Trades and quotes are kept apart, because a minute
 * in which both are known is told by its trades alone.
 */
public final class MinuteEvents {

  /** The length of the shortest candle, in milliseconds. */
  public static final long MINUTE_MILLIS = 60_000L;

  static final long NO_TIME = Long.MIN_VALUE;

  final String symbol;

  /** Beginning of the minute, milliseconds since the epoch, UTC. */
  final long startMillis;

  /** How many events are folded in here, breaks included. */
  long events;

  long breaks;
  int tradingDay = MarketEvent.NO_DAY;

  /** The session's close, milliseconds since the epoch, UTC, or {@link #NO_TIME}. */
  long sessionEndMillis = NO_TIME;

  PriceRange trades;
  long tradeCount;
  BigDecimal volume = BigDecimal.ZERO;

  /** Exact sum of price × size. */
  BigDecimal turnover = BigDecimal.ZERO;

  PriceRange quotes;

  /** How many quotes told the day's volume. */
  long dayVolumes;

  DayVolume firstDayVolume;
  DayVolume lastDayVolume;

  MinuteEvents(String symbol, long startMillis) {
    this.symbol = symbol;
    this.startMillis = startMillis;
  }

  /** The beginning of the minute that a time falls into; both in milliseconds since the epoch. */
  static long startOf(long millis) {
    return Math.floorDiv(millis, MINUTE_MILLIS) * MINUTE_MILLIS;
  }

  /** The symbol, which is the key of the candles. */
  public String symbol() {
    return symbol;
  }

  /** The trading day it belongs to, in days since the epoch: its UTC date where no event tells. */
  int dayOf() {
    return tradingDay == MarketEvent.NO_DAY
        ? (int) Math.floorDiv(startMillis, Interval.DAY.millis())
        : tradingDay;
  }

  /** Whether anything in here has a price. */
  boolean hasPrice() {
    return trades != null || quotes != null;
  }

  /** Adds an event of this symbol and minute that arrived after those in here. */
  void add(MarketEvent event) {
    events++;
    tradingDay = Math.max(tradingDay, event.tradingDay());
    sessionEndMillis = Math.max(sessionEndMillis, event.sessionEndMillis());
    switch (event.kind()) {
      case TRADE -> addTrade(event);
      case QUOTE -> addQuote(event);
      case BREAK -> breaks++;
      default -> throw new IllegalArgumentException(event.kind() + " belongs to no candle.");
    }
  }

  private void addTrade(MarketEvent event) {
    if (trades == null) {
      trades = new PriceRange(event);
    } else {
      trades.add(event);
    }
    tradeCount++;
    volume = volume.add(event.size());
    turnover = turnover.add(event.price().multiply(event.size()));
  }

  private void addQuote(MarketEvent event) {
    if (quotes == null) {
      quotes = new PriceRange(event);
    } else {
      quotes.add(event);
    }
    if (event.dayVolume() != null) {
      DayVolume dayVolume = DayVolume.of(event);
      dayVolumes++;
      firstDayVolume = DayVolume.earlier(firstDayVolume, dayVolume);
      lastDayVolume = DayVolume.later(lastDayVolume, dayVolume);
    }
  }

  /** Adds what arrived, for this symbol and minute, after what is in here. */
  void add(MinuteEvents later) {
    events += later.events;
    breaks += later.breaks;
    tradingDay = Math.max(tradingDay, later.tradingDay);
    sessionEndMillis = Math.max(sessionEndMillis, later.sessionEndMillis);
    trades = sum(trades, later.trades);
    tradeCount += later.tradeCount;
    volume = volume.add(later.volume);
    turnover = turnover.add(later.turnover);
    quotes = sum(quotes, later.quotes);
    dayVolumes += later.dayVolumes;
    firstDayVolume = DayVolume.earlier(firstDayVolume, later.firstDayVolume);
    lastDayVolume = DayVolume.later(lastDayVolume, later.lastDayVolume);
  }

  private static PriceRange sum(PriceRange range, PriceRange later) {
    if (range == null || later == null) {
      // A copy: the two minutes must not share what either of them changes.
      return range == null ? (later == null ? null : later.copy()) : range;
    }
    range.add(later);
    return range;
  }

  MinuteEvents copy() {
    MinuteEvents copy = new MinuteEvents(symbol, startMillis);
    copy.add(this);
    return copy;
  }
}
