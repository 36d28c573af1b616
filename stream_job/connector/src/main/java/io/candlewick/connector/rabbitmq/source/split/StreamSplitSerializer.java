package io.candlewick.connector.rabbitmq.source.split;

import io.candlewick.connector.rabbitmq.source.StartingOffsets;
import java.io.IOException;
import org.apache.flink.annotation.Internal;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.core.memory.DataOutputView;

/** Writes splits into checkpoints. Add a version rather than change what one means. */
@Internal
public final class StreamSplitSerializer implements SimpleVersionedSerializer<StreamSplit> {
  private static final int VERSION = 1;

  @Override
  public int getVersion() {
    return VERSION;
  }

  @Override
  public byte[] serialize(StreamSplit split) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(64 + split.recentIds().length * Long.BYTES);
    write(split, out);
    return out.getCopyOfBuffer();
  }

  @Override
  public StreamSplit deserialize(int version, byte[] serialized) throws IOException {
    return read(version, new DataInputDeserializer(serialized));
  }

  /** Writes a split in the current version. */
  public void write(StreamSplit split, DataOutputView out) throws IOException {
    out.writeUTF(split.splitId());
    out.writeUTF(split.start().mode().name());
    out.writeLong(split.start().value());
    out.writeLong(split.stoppingOffset());
    out.writeInt(split.recentIds().length);
    for (long half : split.recentIds()) {
      out.writeLong(half);
    }
  }

  /** Reads a split that was written in the given version. */
  public StreamSplit read(int version, DataInputView in) throws IOException {
    if (version != VERSION) {
      throw new IOException(
          "The state of a RabbitMQ stream split has version "
              + version
              + ", which this connector does not know: it was written by a newer one.");
    }
    String queue = in.readUTF();
    StartingOffsets start =
        new StartingOffsets(StartingOffsets.Mode.valueOf(in.readUTF()), in.readLong());
    long stoppingOffset = in.readLong();
    long[] recentIds = new long[in.readInt()];
    for (int i = 0; i < recentIds.length; i++) {
      recentIds[i] = in.readLong();
    }
    return new StreamSplit(queue, start, stoppingOffset, recentIds);
  }
}
