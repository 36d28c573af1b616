package io.candlewick.market;

import java.io.IOException;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Serializes {@link SymbolState} into checkpoints. */
public final class SymbolStateSerializer extends ValueSerializer<SymbolState> {

  private static final long serialVersionUID = 1L;
  private static final int VERSION = 1;
  private static final SymbolStateSerializer INSTANCE = new SymbolStateSerializer();

  static TypeInformation<SymbolState> typeInfo() {
    return new ValueTypeInfo<>(SymbolState.class, INSTANCE);
  }

  @Override
  public SymbolState copy(SymbolState from) {
    SymbolState copy = new SymbolState();
    from.minutes.forEach((start, candle) -> copy.minutes.put(start, candle.copy()));
    copy.droppedEvents = from.droppedEvents;
    copy.droppedBreak = from.droppedBreak;
    copy.droppedDayVolume = from.droppedDayVolume;
    copy.emissionMillis = from.emissionMillis;
    return copy;
  }

  @Override
  public void serialize(SymbolState state, DataOutputView out) throws IOException {
    out.writeByte(VERSION);
    out.writeInt(state.minutes.size());
    for (MinuteCandle candle : state.minutes.values()) {
      MinuteEventsSerializer.write(candle.events, out);
      out.writeBoolean(candle.isPartial);
      Wire.writeDecimal(candle.volume, out);
      out.writeBoolean(candle.isDirty);
    }
    out.writeLong(state.droppedEvents);
    out.writeBoolean(state.droppedBreak);
    DayVolume.write(state.droppedDayVolume, out);
    out.writeLong(state.emissionMillis);
  }

  @Override
  public SymbolState deserialize(DataInputView in) throws IOException {
    readVersion(in, VERSION, "The state of a symbol");
    SymbolState state = new SymbolState();
    for (int left = in.readInt(); left > 0; left--) {
      MinuteCandle candle = new MinuteCandle(MinuteEventsSerializer.read(in));
      candle.isPartial = in.readBoolean();
      candle.volume = Wire.readDecimal(in);
      candle.isDirty = in.readBoolean();
      state.minutes.put(candle.events.startMillis, candle);
    }
    state.droppedEvents = in.readLong();
    state.droppedBreak = in.readBoolean();
    state.droppedDayVolume = DayVolume.read(in);
    state.emissionMillis = in.readLong();
    return state;
  }

  @Override
  public TypeSerializerSnapshot<SymbolState> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Says that any version of this serializer reads what an earlier one wrote. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<SymbolState> {
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
