package io.candlewick.market;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** The compact binary form of values that may be null, shared by the serializers. */
public final class Wire {

  private static final int ABSENT = 0;
  private static final int LONG = 1;
  private static final int BIG = 2;
  private static final int LONG_DIGITS = 18;

  private Wire() {}

  public static void writeDecimal(BigDecimal value, DataOutputView out) throws IOException {
    if (value == null) {
      out.writeByte(ABSENT);
    } else if (value.precision() <= LONG_DIGITS) {
      out.writeByte(LONG);
      out.writeInt(value.scale());
      out.writeLong(value.unscaledValue().longValue());
    } else {
      byte[] unscaled = value.unscaledValue().toByteArray();
      out.writeByte(BIG);
      out.writeInt(value.scale());
      out.writeInt(unscaled.length);
      out.write(unscaled);
    }
  }

  public static BigDecimal readDecimal(DataInputView in) throws IOException {
    int form = in.readByte();
    switch (form) {
      case ABSENT:
        return null;
      case LONG:
        int scale = in.readInt();
        return BigDecimal.valueOf(in.readLong(), scale);
      case BIG:
        int bigScale = in.readInt();
        byte[] unscaled = new byte[in.readInt()];
        in.readFully(unscaled);
        return new BigDecimal(new BigInteger(unscaled), bigScale);
      default:
        throw new IOException("A decimal begins with " + form + ", which is no form of a decimal.");
    }
  }

  public static void writeText(String value, DataOutputView out) throws IOException {
    out.writeBoolean(value != null);
    if (value != null) {
      out.writeUTF(value);
    }
  }

  public static String readText(DataInputView in) throws IOException {
    return in.readBoolean() ? in.readUTF() : null;
  }
}
