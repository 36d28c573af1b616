package io.candlewick.connector.rabbitmq.source.enumerator;

import io.candlewick.connector.rabbitmq.source.split.StreamSplit;
import io.candlewick.connector.rabbitmq.source.split.StreamSplitSerializer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.flink.annotation.Internal;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/**
 * Writes the enumerator's state into checkpoints. Add a version rather than change what one means.
 */
@Internal
public final class StreamEnumeratorStateSerializer
    implements SimpleVersionedSerializer<StreamEnumeratorState> {
  private static final int VERSION = 1;

  private final StreamSplitSerializer splitSerializer = new StreamSplitSerializer();

  @Override
  public int getVersion() {
    return VERSION;
  }

  @Override
  public byte[] serialize(StreamEnumeratorState state) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(256);
    out.writeInt(state.discoveredQueues().size());
    for (String queue : state.discoveredQueues()) {
      out.writeUTF(queue);
    }
    out.writeInt(splitSerializer.getVersion());
    out.writeInt(state.unassignedSplits().size());
    for (StreamSplit split : state.unassignedSplits()) {
      splitSerializer.write(split, out);
    }
    return out.getCopyOfBuffer();
  }

  @Override
  public StreamEnumeratorState deserialize(int version, byte[] serialized) throws IOException {
    if (version != VERSION) {
      throw new IOException(
          "The state of a RabbitMQ stream enumerator has version "
              + version
              + ", which this connector does not know: it was written by a newer one.");
    }
    DataInputDeserializer in = new DataInputDeserializer(serialized);
    Set<String> discovered = new LinkedHashSet<>();
    for (int remaining = in.readInt(); remaining > 0; remaining--) {
      discovered.add(in.readUTF());
    }
    int splitVersion = in.readInt();
    List<StreamSplit> unassigned = new ArrayList<>();
    for (int remaining = in.readInt(); remaining > 0; remaining--) {
      unassigned.add(splitSerializer.read(splitVersion, in));
    }
    return new StreamEnumeratorState(discovered, unassigned);
  }
}
