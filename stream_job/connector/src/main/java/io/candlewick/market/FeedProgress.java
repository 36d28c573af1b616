package io.candlewick.market;

import java.io.IOException;
import java.math.BigDecimal;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * What the earlier minutes of a symbol tell about the next one: whether it is partial, and what the
 * venue had traded before it. Minutes are given to {@link #next} in the order of time.
 */
final class FeedProgress {

  private boolean candleSeen;
  private boolean broken;

  /** Whether the feed has trades; its quotes then make no candles of their own. */
  private boolean trading;

  private BigDecimal quotedPrice;
  private DayVolume dayVolume;
  private int tradingDay = MarketEvent.NO_DAY;
  private long dayVolumesOfDay;

  /**
   * Makes the candle of the minute that follows, and moves on to behind it.
   *
   * <p>The revision of a candle must be a function of what is in it and of nothing else: after a
   * crash the same events are read again, grouped in other ways and at other moments, and what is
   * written then has to meet what was written before as older, equal or newer, rightly. A counter
   * of updates would not: a replay that updates less often would stay below the revisions it left
   * behind, and its last word would be refused. So the revision is twice the number of events
   * folded into the candle, breaks included, plus one when it is final (which {@link MinuteCandles}
   * adds). For a candle whose volume is the growth of the day's volume, the quotes of the same
   * trading day in earlier minutes are folded in as well: a late one of those changes its volume. A
   * change of {@code isPartial} alone waits for the next revision.
   *
   * <p>A longer candle follows the same rule, with the events of all its minutes and the quotes
   * before its first ({@link CandleSum}).
   *
   * @return the candle, or null where nothing traded
   */
  Candle next(MinuteEvents minute) {
    long revision = 2 * (minute.events + earlierVolumes(minute));
    Candle candle = null;
    if (minute.trades != null) {
      candle = ofTrades(minute, revision);
    } else if (minute.quotes != null && !trading) {
      candle = ofQuotes(minute, revision);
    }
    moveBehind(minute, candle != null);
    return candle;
  }

  /** How many quotes have told the volume of the minute's trading day before the minute. */
  long earlierVolumes(MinuteEvents minute) {
    return minute.tradingDay == tradingDay ? dayVolumesOfDay : 0;
  }

  private Candle ofTrades(MinuteEvents minute, long revision) {
    return candle(minute.trades, minute.volume, minute.volume, minute, revision);
  }

  private Candle ofQuotes(MinuteEvents minute, long revision) {
    BigDecimal growth = growth(minute);
    PriceRange prices = minute.quotes;
    boolean priceStood =
        quotedPrice != null
            && prices.high.compareTo(quotedPrice) == 0
            && prices.low.compareTo(quotedPrice) == 0;
    boolean volumeStood = minute.dayVolumes > 0 && dayVolume != null && growth.signum() == 0;
    if (priceStood && volumeStood) {
      return null; // The poll repeated what was known: nothing traded.
    }
    return candle(prices, growth, BigDecimal.ZERO, minute, revision);
  }

  private Candle candle(
      PriceRange prices,
      BigDecimal volume,
      BigDecimal tradedVolume,
      MinuteEvents minute,
      long revision) {
    return new Candle(
        prices.open,
        prices.high,
        prices.low,
        prices.close,
        volume,
        tradedVolume,
        minute.turnover,
        minute.tradeCount,
        prices.source,
        !candleSeen || broken || minute.breaks > 0,
        minute.dayOf(),
        revision);
  }

  /** What was traded in the minute; a decrease is the venue's correction, and counts as nothing. */
  private BigDecimal growth(MinuteEvents minute) {
    DayVolume last = minute.lastDayVolume;
    if (last == null) {
      return BigDecimal.ZERO;
    }
    BigDecimal base;
    if (dayVolume != null && dayVolume.tradingDay() == last.tradingDay()) {
      base = dayVolume.volume();
    } else if (dayVolume != null || minute.firstDayVolume.tradingDay() != last.tradingDay()) {
      base = BigDecimal.ZERO; // The day was watched from before its first trade.
    } else {
      base = minute.firstDayVolume.volume(); // What the day had before the start is not ours.
    }
    return last.volume().subtract(base).max(BigDecimal.ZERO);
  }

  private void moveBehind(MinuteEvents minute, boolean hasCandle) {
    if (hasCandle) {
      candleSeen = true;
      broken = false;
    }
    broken |= minute.breaks > 0;
    trading |= minute.trades != null;
    if (minute.quotes != null) {
      quotedPrice = minute.quotes.close;
    }
    dayVolume = minute.lastDayVolume == null ? dayVolume : minute.lastDayVolume;
    if (minute.dayVolumes > 0) {
      dayVolumesOfDay = minute.tradingDay == tradingDay ? dayVolumesOfDay : 0;
      tradingDay = minute.tradingDay;
      dayVolumesOfDay += minute.dayVolumes;
    }
  }

  FeedProgress copy() {
    FeedProgress copy = new FeedProgress();
    copy.candleSeen = candleSeen;
    copy.broken = broken;
    copy.trading = trading;
    copy.quotedPrice = quotedPrice;
    copy.dayVolume = dayVolume;
    copy.tradingDay = tradingDay;
    copy.dayVolumesOfDay = dayVolumesOfDay;
    return copy;
  }

  void write(DataOutputView out) throws IOException {
    out.writeBoolean(candleSeen);
    out.writeBoolean(broken);
    out.writeBoolean(trading);
    Wire.writeDecimal(quotedPrice, out);
    DayVolume.write(dayVolume, out);
    out.writeInt(tradingDay);
    out.writeLong(dayVolumesOfDay);
  }

  static FeedProgress read(DataInputView in) throws IOException {
    FeedProgress progress = new FeedProgress();
    progress.candleSeen = in.readBoolean();
    progress.broken = in.readBoolean();
    progress.trading = in.readBoolean();
    progress.quotedPrice = Wire.readDecimal(in);
    progress.dayVolume = DayVolume.read(in);
    progress.tradingDay = in.readInt();
    progress.dayVolumesOfDay = in.readLong();
    return progress;
  }
}
