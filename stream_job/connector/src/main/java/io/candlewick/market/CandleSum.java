package io.candlewick.market;

import java.io.IOException;
import java.math.BigDecimal;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * What the candles of some minutes come to. Minutes are given to {@link #add} in the order of time.
 *
 * <p>A minute before the first candle counts for nothing. Whatever it does to the longer candle,
 * its first candle carries already: a break makes it partial, and the day's volume that was told is
 * the base of its growth. So it makes no difference whether such a minute is still there to be
 * added, and the revision stays a function of the events alone.
 */
final class CandleSum {

  private BigDecimal open;
  private BigDecimal high;
  private BigDecimal low;
  private BigDecimal close;
  private BigDecimal volume = BigDecimal.ZERO;
  private BigDecimal tradedVolume = BigDecimal.ZERO;
  private BigDecimal turnover = BigDecimal.ZERO;
  private long tradeCount;
  private String source;
  private boolean isPartial;
  private int tradingDay = MarketEvent.NO_DAY;
  private long eventsCounted;

  /**
   * @param beganBefore whether minutes that belong here are gone already, and with them the whole
   */
  CandleSum(boolean beganBefore) {
    isPartial = beganBefore;
  }

  /**
   * Adds the minute that follows.
   *
   * @param candle what {@link FeedProgress#next} made of the minute, or null
   * @param earlierVolumes see {@link FeedProgress#earlierVolumes}, asked before that
   */
  void add(MinuteEvents minute, Candle candle, long earlierVolumes) {
    if (open == null) {
      if (candle == null) {
        return;
      }
      eventsCounted = earlierVolumes;
      open = candle.open();
      high = candle.high();
      low = candle.low();
    }
    eventsCounted += minute.events;
    isPartial |= minute.breaks > 0;
    if (candle == null) {
      return;
    }
    high = high.max(candle.high());
    low = low.min(candle.low());
    close = candle.close();
    source = candle.source();
    volume = volume.add(candle.volume());
    tradedVolume = tradedVolume.add(candle.tradedVolume());
    turnover = turnover.add(candle.turnover());
    tradeCount += candle.tradeCount();
    isPartial |= candle.isPartial();
    tradingDay = candle.tradingDay();
  }

  /** The candle, or null where nothing traded. */
  Candle candle() {
    return open == null
        ? null
        : new Candle(
            open,
            high,
            low,
            close,
            volume,
            tradedVolume,
            turnover,
            tradeCount,
            source,
            isPartial,
            tradingDay,
            2 * eventsCounted);
  }

  CandleSum copy() {
    CandleSum copy = new CandleSum(isPartial);
    copy.open = open;
    copy.high = high;
    copy.low = low;
    copy.close = close;
    copy.volume = volume;
    copy.tradedVolume = tradedVolume;
    copy.turnover = turnover;
    copy.tradeCount = tradeCount;
    copy.source = source;
    copy.tradingDay = tradingDay;
    copy.eventsCounted = eventsCounted;
    return copy;
  }

  void write(DataOutputView out) throws IOException {
    out.writeBoolean(isPartial);
    Wire.writeDecimal(open, out);
    Wire.writeDecimal(high, out);
    Wire.writeDecimal(low, out);
    Wire.writeDecimal(close, out);
    Wire.writeDecimal(volume, out);
    Wire.writeDecimal(tradedVolume, out);
    Wire.writeDecimal(turnover, out);
    out.writeLong(tradeCount);
    Wire.writeText(source, out);
    out.writeLong(eventsCounted);
    out.writeInt(tradingDay);
  }

  static CandleSum read(DataInputView in, int version) throws IOException {
    CandleSum sum = new CandleSum(in.readBoolean());
    sum.open = Wire.readDecimal(in);
    sum.high = Wire.readDecimal(in);
    sum.low = Wire.readDecimal(in);
    sum.close = Wire.readDecimal(in);
    sum.volume = Wire.readDecimal(in);
    sum.tradedVolume = Wire.readDecimal(in);
    sum.turnover = Wire.readDecimal(in);
    sum.tradeCount = in.readLong();
    sum.source = Wire.readText(in);
    sum.eventsCounted = in.readLong();
    if (version >= MinuteCandlesSerializer.TRADING_DAY_SINCE_VERSION) {
      sum.tradingDay = in.readInt();
    }
    return sum;
  }
}
