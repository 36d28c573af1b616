package io.candlewick.market;

import java.io.IOException;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Serializes a {@link MarketEvent} where an operator chain is cut; inside a chain nothing is. */
public final class MarketEventSerializer extends ValueSerializer<MarketEvent> {

  private static final long serialVersionUID = 1L;
  private static final int VERSION = 2;
  private static final MarketEventSerializer INSTANCE = new MarketEventSerializer();

  /** The type of the events. */
  public static TypeInformation<MarketEvent> typeInfo() {
    return new ValueTypeInfo<>(MarketEvent.class, INSTANCE);
  }

  @Override
  public boolean isImmutableType() {
    return true;
  }

  @Override
  public MarketEvent copy(MarketEvent from) {
    return from;
  }

  @Override
  public void serialize(MarketEvent event, DataOutputView out) throws IOException {
    out.writeByte(VERSION);
    Wire.writeText(event.eventId(), out);
    Wire.writeText(event.source(), out);
    Wire.writeText(event.symbol(), out);
    out.writeByte(event.kind().ordinal());
    out.writeLong(event.eventTimeMicros());
    out.writeLong(event.ingestTimeMicros());
    out.writeInt(event.tradingDay());
    out.writeLong(event.sequence());
    Wire.writeDecimal(event.price(), out);
    Wire.writeDecimal(event.size(), out);
    Wire.writeDecimal(event.dayVolume(), out);
    Wire.writeDecimal(event.bid(), out);
    Wire.writeDecimal(event.ask(), out);
    Wire.writeDecimal(event.dayOpen(), out);
    Wire.writeDecimal(event.dayHigh(), out);
    Wire.writeDecimal(event.dayLow(), out);
    Wire.writeDecimal(event.previousClose(), out);
    Wire.writeDecimal(event.marketCap(), out);
    out.writeLong(event.sessionEndMicros());
  }

  @Override
  public MarketEvent deserialize(DataInputView in) throws IOException {
    int version = readVersion(in, VERSION, "A market event");
    return new MarketEvent(
        Wire.readText(in),
        Wire.readText(in),
        Wire.readText(in),
        EventKind.values()[in.readByte()],
        in.readLong(),
        in.readLong(),
        in.readInt(),
        in.readLong(),
        Wire.readDecimal(in),
        Wire.readDecimal(in),
        Wire.readDecimal(in),
        Wire.readDecimal(in),
        Wire.readDecimal(in),
        Wire.readDecimal(in),
        Wire.readDecimal(in),
        Wire.readDecimal(in),
        Wire.readDecimal(in),
        Wire.readDecimal(in),
        version >= 2 ? in.readLong() : MarketEvent.NO_TIME);
  }

  @Override
  public TypeSerializerSnapshot<MarketEvent> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Says that any version of this serializer reads what an earlier one wrote. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<MarketEvent> {
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
