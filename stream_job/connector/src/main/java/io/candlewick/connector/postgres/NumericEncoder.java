package io.candlewick.connector.postgres;

import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * Writes decimals as PostgreSQL's binary {@code numeric}: groups of four decimal digits, a weight,
 * a sign and a scale. Exact, and without text on the way.
 */
final class NumericEncoder implements Serializable {

  private static final long serialVersionUID = 1L;

  private static final int POSITIVE = 0x0000;
  private static final int NEGATIVE = 0x4000;
  private static final int GROUP_DIGITS = 4;
  private static final BigInteger GROUP = BigInteger.valueOf(10_000);
  private static final int LONG_DIGITS = 18;
  private static final long[] POWERS = new long[LONG_DIGITS + 1];
  private static final BigInteger[] BIG_POWERS = new BigInteger[LONG_DIGITS + 1];

  static {
    for (int i = 0; i <= LONG_DIGITS; i++) {
      BIG_POWERS[i] = BigInteger.TEN.pow(i);
      POWERS[i] = BIG_POWERS[i].longValueExact();
    }
  }

  /** The groups, most significant first: at most 38 digits on either side of the point. */
  private final short[] groups = new short[24];

  private int count;
  private int weight;

  /** Writes the length and the value. */
  void write(BigDecimal value, CopyBuffer out) {
    int scale = value.scale();
    if (scale < 0) {
      write(value.setScale(0), out);
      return;
    }
    BigInteger unscaled = value.unscaledValue().abs();
    if (scale <= LONG_DIGITS) {
      splitAtPoint(unscaled, scale);
    } else {
      split(unscaled, scale);
    }
    int first = 0;
    while (first < count && groups[first] == 0) {
      first++;
      weight--;
    }
    int last = count;
    while (last > first && groups[last - 1] == 0) {
      last--;
    }
    out.putInt(8 + 2 * (last - first));
    out.putShort(last - first);
    out.putShort(last == first ? 0 : weight);
    out.putShort(value.signum() < 0 ? NEGATIVE : POSITIVE);
    out.putShort(scale);
    for (int i = first; i < last; i++) {
      out.putShort(groups[i]);
    }
  }

  /** The usual case: what is before and what is after the point fit into a long each. */
  private void splitAtPoint(BigInteger unscaled, int scale) {
    long whole;
    long fraction;
    if (unscaled.bitLength() < Long.SIZE) {
      long all = unscaled.longValue();
      whole = all / POWERS[scale];
      fraction = all % POWERS[scale];
    } else {
      BigInteger[] parts = unscaled.divideAndRemainder(BIG_POWERS[scale]);
      if (parts[0].bitLength() >= Long.SIZE) {
        split(unscaled, scale);
        return;
      }
      whole = parts[0].longValue();
      fraction = parts[1].longValue();
    }
    count = 5;
    for (int i = count - 1; i >= 0; i--) {
      groups[i] = (short) (whole % 10_000);
      whole /= 10_000;
    }
    weight = count - 1;
    if (fraction == 0) {
      return;
    }
    long eighteen = fraction * POWERS[LONG_DIGITS - scale];
    for (int digits = LONG_DIGITS - GROUP_DIGITS; digits >= 0; digits -= GROUP_DIGITS) {
      groups[count++] = (short) (eighteen / POWERS[digits] % 10_000);
    }
    groups[count++] = (short) (eighteen % 100 * 100);
  }

  private void split(BigInteger unscaled, int scale) {
    int padding = (GROUP_DIGITS - scale % GROUP_DIGITS) % GROUP_DIGITS;
    BigInteger rest = unscaled.multiply(BIG_POWERS[padding]);
    int fractionGroups = (scale + padding) / GROUP_DIGITS;
    count = Math.max(fractionGroups, (rest.toString().length() + 3) / GROUP_DIGITS);
    for (int i = count - 1; i >= 0; i--) {
      BigInteger[] parts = rest.divideAndRemainder(GROUP);
      groups[i] = parts[1].shortValue();
      rest = parts[0];
    }
    weight = count - fractionGroups - 1;
  }
}
