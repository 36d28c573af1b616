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
  private static final int VERSION = 4;
  private static final int SETTLED_SINCE_VERSION = 2;
  private static final int LONGER_SINCE_VERSION = 3;
  static final int TRADING_DAY_SINCE_VERSION = 4;
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
    candles.longer.write(out);
    out.writeLong(candles.writtenAtMillis);
    out.writeBoolean(candles.writeIsPlanned);
  }

  @Override
  public MinuteCandles deserialize(DataInputView in) throws IOException {
    int version = readVersion(in, VERSION, "The state of a symbol");
    FeedProgress settled = FeedProgress.read(in);
    TreeMap<Long, MinuteCandles.Entry> minutes = new TreeMap<>();
    int size = in.readInt();
    for (int i = 0; i < size; i++) {
      MinuteCandles.Entry entry = new MinuteCandles.Entry(MinuteEventsSerializer.read(in));
      entry.isFinal = in.readBoolean();
      entry.writtenRevision = in.readLong();
      minutes.put(entry.events.startMillis, entry);
    }
    long settledUpToMillis =
        version >= SETTLED_SINCE_VERSION ? in.readLong() : MinuteEvents.NO_TIME;
    LongerCandles longer =
        version >= LONGER_SINCE_VERSION
            ? LongerCandles.read(in, version)
            : LongerCandles.joining(minutes.values());
    MinuteCandles candles = new MinuteCandles(minutes, settled, longer);
    candles.settledUpToMillis = settledUpToMillis;
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
