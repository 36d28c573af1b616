package io.candlewick.connector.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NumericEncoderTest {

  private final NumericEncoder encoder = new NumericEncoder();
  private final CopyBuffer buffer = new CopyBuffer();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "0.000000000000000000",
        "1",
        "-1",
        "9999",
        "10000",
        "100000000",
        "0.0001",
        "0.00001",
        "0.10",
        "-0.000000000000000001",
        "123456.789",
        "60000.100000000000000000",
        "9223372036854775807",
        "9223372036854775808",
        "9223372036854775808.5",
        "99999999999999999999.999999999999999999",
        "12345678901234567890123456789012345678",
        "0.00000000000000000000000000000000000001",
        "1.2345678901234567890123456789012345678",
        "1E+5"
      })
  void whatIsWrittenIsTheNumber(String text) {
    assertThat(written(new BigDecimal(text))).isEqualByComparingTo(text);
  }

  @Test
  void anyDecimalOfThirtyEightDigitsIsExact() {
    Random random = new Random(7);
    for (int i = 0; i < 20_000; i++) {
      BigInteger unscaled = new BigInteger(random.nextInt(1, 126), random);
      BigDecimal value = new BigDecimal(unscaled, random.nextInt(0, 39));
      assertThat(written(value)).isEqualByComparingTo(value);
    }
  }

  /** Reads the format as PostgreSQL's numeric_recv does. */
  private BigDecimal written(BigDecimal value) {
    buffer.clear();
    encoder.write(value, buffer);
    ByteBuffer bytes = ByteBuffer.wrap(buffer.array(), 0, buffer.length());
    assertThat(bytes.getInt()).isEqualTo(bytes.remaining());
    int groups = bytes.getShort();
    int weight = bytes.getShort();
    boolean negative = bytes.getShort() == 0x4000;
    assertThat(bytes.getShort()).isEqualTo((short) Math.max(value.scale(), 0));
    BigDecimal sum = BigDecimal.ZERO;
    for (int i = 0; i < groups; i++) {
      short group = bytes.getShort();
      assertThat(group).isBetween((short) 0, (short) 9999);
      sum = sum.add(BigDecimal.valueOf(group).scaleByPowerOfTen(4 * (weight - i)));
    }
    assertThat(bytes.hasRemaining()).isFalse();
    return negative ? sum.negate() : sum;
  }
}
