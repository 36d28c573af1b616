package io.candlewick.alerts;

import java.math.BigDecimal;
import java.math.MathContext;

/**
 * That a rule fired.
 *
 * @param eventTimeMicros the market's time of what made it fire, microseconds since the epoch, UTC
 * @param value what crossed
 * @param message a sentence
 */
record Firing(long eventTimeMicros, double value, String message) {

  private static final MathContext EIGHT_DIGITS = new MathContext(8);

  /** A computed number for a sentence: eight significant digits. */
  static String rounded(BigDecimal number) {
    return exact(number.round(EIGHT_DIGITS));
  }

  /** A number for a sentence, with all its digits. */
  static String exact(BigDecimal number) {
    return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
  }
}
