package io.candlewick.alerts;

import io.candlewick.market.ValueSerializer;
import io.candlewick.market.ValueTypeInfo;
import io.candlewick.market.Wire;
import java.io.IOException;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Serializes what is known of a candle on its way to the rules of its symbol. */
public final class CandleValuesSerializer extends ValueSerializer<CandleValues> {

  private static final long serialVersionUID = 1L;
  private static final int VERSION = 1;
  private static final CandleValuesSerializer INSTANCE = new CandleValuesSerializer();

  static TypeInformation<CandleValues> typeInfo() {
    return new ValueTypeInfo<>(CandleValues.class, INSTANCE);
  }

  @Override
  public boolean isImmutableType() {
    return true;
  }

  @Override
  public CandleValues copy(CandleValues from) {
    return from;
  }

  @Override
  public void serialize(CandleValues candle, DataOutputView out) throws IOException {
    out.writeByte(VERSION);
    Wire.writeText(candle.symbol(), out);
    Wire.writeText(candle.interval(), out);
    out.writeLong(candle.startMicros());
    Wire.writeDecimal(candle.volume(), out);
    out.writeInt(candle.names().length);
    for (int i = 0; i < candle.names().length; i++) {
      Double value = candle.values()[i];
      out.writeUTF(candle.names()[i]);
      out.writeBoolean(value != null);
      if (value != null) {
        out.writeDouble(value);
      }
    }
  }

  @Override
  public CandleValues deserialize(DataInputView in) throws IOException {
    readVersion(in, VERSION, "A candle's values");
    String symbol = Wire.readText(in);
    String interval = Wire.readText(in);
    long startMicros = in.readLong();
    var volume = Wire.readDecimal(in);
    String[] names = new String[in.readInt()];
    Double[] values = new Double[names.length];
    for (int i = 0; i < names.length; i++) {
      names[i] = in.readUTF();
      values[i] = in.readBoolean() ? in.readDouble() : null;
    }
    return new CandleValues(symbol, interval, startMicros, volume, names, values);
  }

  @Override
  public TypeSerializerSnapshot<CandleValues> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Says that any version of this serializer reads what an earlier one wrote. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<CandleValues> {
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
