package io.candlewick.market;

import java.io.IOException;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Serializes {@link MinuteEvents} for the shuffle and, inside {@link MinuteCandles}, for state. */
public final class MinuteEventsSerializer extends ValueSerializer<MinuteEvents> {

  private static final long serialVersionUID = 1L;
  private static final int VERSION = 2;
  private static final MinuteEventsSerializer INSTANCE = new MinuteEventsSerializer();

  /** The type of what passes the shuffle. */
  public static TypeInformation<MinuteEvents> typeInfo() {
    return new ValueTypeInfo<>(MinuteEvents.class, INSTANCE);
  }

  @Override
  public MinuteEvents copy(MinuteEvents from) {
    return from.copy();
  }

  @Override
  public void serialize(MinuteEvents minute, DataOutputView out) throws IOException {
    write(minute, out);
  }

  @Override
  public MinuteEvents deserialize(DataInputView in) throws IOException {
    return read(in);
  }

  static void write(MinuteEvents minute, DataOutputView out) throws IOException {
    out.writeByte(VERSION);
    out.writeUTF(minute.symbol);
    out.writeLong(minute.startMillis);
    out.writeLong(minute.events);
    out.writeLong(minute.breaks);
    out.writeInt(minute.tradingDay);
    PriceRange.write(minute.trades, out);
    out.writeLong(minute.tradeCount);
    Wire.writeDecimal(minute.volume, out);
    Wire.writeDecimal(minute.turnover, out);
    PriceRange.write(minute.quotes, out);
    out.writeLong(minute.dayVolumes);
    DayVolume.write(minute.firstDayVolume, out);
    DayVolume.write(minute.lastDayVolume, out);
    out.writeLong(minute.sessionEndMillis);
  }

  static MinuteEvents read(DataInputView in) throws IOException {
    int version = readVersion(in, VERSION, "A minute of events");
    MinuteEvents minute = new MinuteEvents(in.readUTF(), in.readLong());
    minute.events = in.readLong();
    minute.breaks = in.readLong();
    minute.tradingDay = in.readInt();
    minute.trades = PriceRange.read(in);
    minute.tradeCount = in.readLong();
    minute.volume = Wire.readDecimal(in);
    minute.turnover = Wire.readDecimal(in);
    minute.quotes = PriceRange.read(in);
    minute.dayVolumes = in.readLong();
    minute.firstDayVolume = DayVolume.read(in);
    minute.lastDayVolume = DayVolume.read(in);
    if (version >= 2) {
      minute.sessionEndMillis = in.readLong();
    }
    return minute;
  }

  @Override
  public TypeSerializerSnapshot<MinuteEvents> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Says that any version of this serializer reads what an earlier one wrote. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<MinuteEvents> {
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
