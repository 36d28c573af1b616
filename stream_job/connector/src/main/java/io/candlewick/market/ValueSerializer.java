package io.candlewick.market;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * What the serializers of values share: they hold no state, and every record they write begins with
 * a version of its own, so that a later serializer reads what an earlier one wrote.
 */
public abstract class ValueSerializer<T> extends TypeSerializer<T> {

  @Override
  public boolean isImmutableType() {
    return false;
  }

  @Override
  public TypeSerializer<T> duplicate() {
    return this;
  }

  @Override
  public T createInstance() {
    return null;
  }

  @Override
  public T copy(T from, T reuse) {
    return copy(from);
  }

  @Override
  public int getLength() {
    return -1;
  }

  @Override
  public T deserialize(T reuse, DataInputView source) throws IOException {
    return deserialize(source);
  }

  @Override
  public void copy(DataInputView source, DataOutputView target) throws IOException {
    serialize(deserialize(source), target);
  }

  /** Reads the version that a record begins with, and refuses one from the future. */
  protected static int readVersion(DataInputView source, int newest, String what)
      throws IOException {
    int version = source.readByte();
    if (version < 1 || version > newest) {
      throw new IOException(
          "%s was written as version %d, and this job reads versions 1 to %d: start the newer job again."
              .formatted(what, version, newest));
    }
    return version;
  }

  @Override
  public boolean equals(Object other) {
    return other != null && other.getClass() == getClass();
  }

  @Override
  public int hashCode() {
    return getClass().hashCode();
  }
}
