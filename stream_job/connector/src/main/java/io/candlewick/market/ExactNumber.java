package io.candlewick.market;

import java.io.IOException;
import java.math.BigDecimal;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;

/** Reads a JSON number as an exact decimal; no binary float lies on the way. */
final class ExactNumber {

  static final int MAX_SCALE = 18;
  static final int MAX_WHOLE_DIGITS = 20;
  private static final int LONG_DIGITS = 18;
  private static final int MAX_CHARACTERS = 80;

  private ExactNumber() {}

  /** The number the parser stands on, at most 20 digits before the point and 18 after it. */
  static BigDecimal read(JsonParser parser, String field) throws IOException, BadEventException {
    char[] characters = parser.getTextCharacters();
    int offset = parser.getTextOffset();
    int length = parser.getTextLength();
    if (length <= LONG_DIGITS) {
      BigDecimal plain = readPlain(characters, offset, length);
      if (plain != null) {
        return plain;
      }
    }
    String text = new String(characters, offset, length);
    if (length > MAX_CHARACTERS) {
      throw new BadEventException(field, new StringBuilder(text), "a number has at most 38 digits");
    }
    BigDecimal value;
    try {
      value = new BigDecimal(text);
    } catch (NumberFormatException e) {
      throw new BadEventException(field, new StringBuilder(text), "it is not a finite number");
    }
    return fitted(value, text, field);
  }

  /** A sign, digits and a point: nearly every number there is. */
  private static BigDecimal readPlain(char[] characters, int offset, int length) {
    int position = offset;
    int end = offset + length;
    boolean negative = characters[position] == '-';
    if (negative) {
      position++;
    }
    long unscaled = 0;
    int scale = -1;
    for (; position < end; position++) {
      char c = characters[position];
      if (c >= '0' && c <= '9') {
        unscaled = unscaled * 10 + (c - '0');
        if (scale >= 0) {
          scale++;
        }
      } else if (c == '.') {
        scale = 0;
      } else {
        return null;
      }
    }
    return BigDecimal.valueOf(negative ? -unscaled : unscaled, Math.max(scale, 0));
  }

  private static BigDecimal fitted(BigDecimal value, String text, String field)
      throws BadEventException {
    long wholeDigits = (long) value.precision() - value.scale();
    if (value.signum() != 0 && wholeDigits > MAX_WHOLE_DIGITS) {
      throw new BadEventException(
          field, new StringBuilder(text), "at most 20 digits may stand before the point");
    }
    BigDecimal fitted = value.scale() > MAX_SCALE ? value.stripTrailingZeros() : value;
    if (fitted.signum() == 0) {
      return BigDecimal.ZERO;
    }
    if (fitted.scale() > MAX_SCALE) {
      throw new BadEventException(
          field, new StringBuilder(text), "at most 18 digits may stand after the point");
    }
    return fitted.scale() < 0 ? fitted.setScale(0) : fitted;
  }
}
