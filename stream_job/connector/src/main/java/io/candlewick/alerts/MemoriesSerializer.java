package io.candlewick.alerts;

import io.candlewick.market.ValueSerializer;
import io.candlewick.market.ValueTypeInfo;
import java.io.IOException;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Serializes what the rules on a symbol's candles remember. */
public final class MemoriesSerializer extends ValueSerializer<Memories> {

  private static final long serialVersionUID = 1L;
  private static final int VERSION = 1;
  private static final MemoriesSerializer INSTANCE = new MemoriesSerializer();

  static TypeInformation<Memories> typeInfo() {
    return new ValueTypeInfo<>(Memories.class, INSTANCE);
  }

  @Override
  public Memories copy(Memories from) {
    return from.copy();
  }

  @Override
  public void serialize(Memories memories, DataOutputView out) throws IOException {
    out.writeByte(VERSION);
    memories.write(out);
  }

  @Override
  public Memories deserialize(DataInputView in) throws IOException {
    readVersion(in, VERSION, "What alert rules remember of a symbol");
    return Memories.read(in);
  }

  @Override
  public TypeSerializerSnapshot<Memories> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Says that any version of this serializer reads what an earlier one wrote. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<Memories> {
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
