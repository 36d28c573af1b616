package io.candlewick.alerts;

import io.candlewick.market.FinalCandle;
import io.candlewick.market.Interval;
import java.math.BigDecimal;
import java.util.Arrays;
import org.apache.flink.types.Row;

/**
 * What becomes known of a final candle: its volume, or later its indicators; and once more where it
 * is corrected.
 *
 * @param startMicros microseconds since the epoch, UTC
 * @param volume null where these are indicators
 * @param names of indicators, and {@code values} each at its name's place; a value may be null
 */
record CandleValues(
    String symbol,
    String interval,
    long startMicros,
    BigDecimal volume,
    String[] names,
    Double[] values) {

  private static final String[] NO_NAMES = {};
  private static final Double[] NO_VALUES = {};

  /** The volume of a candle as it crosses into Python, in whose rows fields have no names. */
  static CandleValues ofFinalCandle(Row candle) {
    return new CandleValues(
        (String) candle.getField(0),
        (String) candle.getField(1),
        (long) candle.getField(2),
        FinalCandle.volumeOf(candle),
        NO_NAMES,
        NO_VALUES);
  }

  /** The indicators of a candle as they cross from Python. */
  static CandleValues ofIndicators(Row values) {
    Object[] names = (Object[]) values.getField(4);
    Object[] numbers = (Object[]) values.getField(5);
    return new CandleValues(
        (String) values.getField(0),
        (String) values.getField(1),
        (long) values.getField(2),
        null,
        Arrays.copyOf(names, names.length, String[].class),
        Arrays.copyOf(numbers, numbers.length, Double[].class));
  }

  /** The value of an indicator; null where it is undefined, as in the warm-up, or unknown. */
  Double indicator(String name) {
    for (int i = 0; i < names.length; i++) {
      if (names[i].equals(name)) {
        return values[i];
      }
    }
    return null;
  }

  /** The end of the candle; of a trading day, the end of the date that labels it. */
  long endMicros() {
    for (Interval known : Interval.values()) {
      if (known.wireName().equals(interval)) {
        return startMicros + known.millis() * 1000L;
      }
    }
    throw new IllegalStateException("There are no candles of " + interval + ".");
  }
}
