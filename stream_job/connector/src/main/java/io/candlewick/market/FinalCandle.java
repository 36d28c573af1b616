package io.candlewick.market;

import java.math.BigDecimal;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.types.Row;
import org.apache.flink.util.OutputTag;

/**
 * A final candle as it crosses into Python: decimals in their decimal notation, which loses no
 * digit, and times as numbers.
 */
public final class FinalCandle {

  private static final int VOLUME = 8;

  private static final String[] NAMES = {
    "symbol",
    "interval",
    "bucket_start", // microseconds since the epoch, UTC
    "trading_day", // days since the epoch
    "open",
    "high",
    "low",
    "close",
    "volume",
    "vwap", // null without traded volume
    "revision"
  };

  private static final TypeInformation<Row> TYPE =
      Types.ROW_NAMED(
          NAMES,
          Types.STRING,
          Types.STRING,
          Types.LONG,
          Types.LONG,
          Types.STRING,
          Types.STRING,
          Types.STRING,
          Types.STRING,
          Types.STRING,
          Types.STRING,
          Types.LONG);

  static final OutputTag<Row> TAG = new OutputTag<>("final-candles", TYPE);

  private FinalCandle() {}

  static Row of(String symbol, Interval interval, long startMillis, Candle candle, long revision) {
    long day =
        candle.tradingDay() == MarketEvent.NO_DAY
            ? Math.floorDiv(startMillis, Interval.DAY.millis())
            : candle.tradingDay();
    return Row.of(
        symbol,
        interval.wireName(),
        startMillis * 1000,
        day,
        text(candle.open()),
        text(candle.high()),
        text(candle.low()),
        text(candle.close()),
        text(candle.volume()),
        text(candle.vwap()),
        revision);
  }

  /** The volume in a row of this shape. */
  public static BigDecimal volumeOf(Row candle) {
    return new BigDecimal((String) candle.getField(VOLUME));
  }

  private static String text(BigDecimal number) {
    return number == null ? null : number.toString();
  }
}
