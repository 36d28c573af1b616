package io.candlewick.market;

import java.io.IOException;
import java.util.TreeMap;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Serializes the state of a symbol. A field is added by raising the version and reading it only
 * from that version on; what older checkpoints hold stays readable.
 */
public final class MinuteCandlesSerializer extends ValueSerializer<MinuteCandles> {

  private static final long serialVersionUID = 1L;
  private static final int VERSION = 2;
  private static final int SETTLED_SINCE_VERSION = 2;
  private static final MinuteCandlesSerializer INSTANCE = new MinuteCandlesSerializer();

  /** The type of the state. */
  static TypeInformation<MinuteCandles> typeInfo() {
    return new ValueTypeInfo<>(MinuteCandles.class, INSTANCE);
  }

  @Override
  public MinuteCandles copy(MinuteCandles from) {
    return from.copy();
  }

  @Override
  public void serialize(MinuteCandles candles, DataOutputView out) throws IOException {
    out.writeByte(VERSION);
    candles.settled.write(out);
    out.writeInt(candles.minutes.size());
    for (MinuteCandles.Entry entry : candles.minutes.values()) {
      MinuteEventsSerializer.write(entry.events, out);
      out.writeBoolean(entry.isFinal);
      out.writeLong(entry.writtenRevision);
    }
    out.writeLong(candles.settledUpToMillis);
    out.writeLong(candles.writtenAtMillis);
    out.writeBoolean(candles.writeIsPlanned);
  }

  @Override
  public MinuteCandles deserialize(DataInputView in) throws IOException {
    int version = readVersion(in, VERSION, "The state of a symbol");
    MinuteCandles candles = new MinuteCandles(new TreeMap<>(), FeedProgress.read(in));
    int size = in.readInt();
    for (int i = 0; i < size; i++) {
      MinuteCandles.Entry entry = new MinuteCandles.Entry(MinuteEventsSerializer.read(in));
      entry.isFinal = in.readBoolean();
      entry.writtenRevision = in.readLong();
      candles.minutes.put(entry.events.startMillis, entry);
    }
    if (version >= SETTLED_SINCE_VERSION) {
      candles.settledUpToMillis = in.readLong();
    }
    candles.writtenAtMillis = in.readLong();
    candles.writeIsPlanned = in.readBoolean();
    return candles;
  }

  @Override
  public TypeSerializerSnapshot<MinuteCandles> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Says that any version of this serializer reads what an earlier one wrote. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<MinuteCandles> {
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
