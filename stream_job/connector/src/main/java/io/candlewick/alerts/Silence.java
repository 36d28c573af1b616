package io.candlewick.alerts;

import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** After which event a silence was told. */
final class Silence implements Memory {

  private static final long NONE = Long.MIN_VALUE;

  private long toldAfterMicros = NONE;

  boolean isToldAfter(long eventMicros) {
    return toldAfterMicros == eventMicros;
  }

  void tellAfter(long eventMicros) {
    toldAfterMicros = eventMicros;
  }

  @Override
  public Silence copy() {
    Silence copy = new Silence();
    copy.toldAfterMicros = toldAfterMicros;
    return copy;
  }

  @Override
  public void write(DataOutputView out) throws IOException {
    out.writeByte(SILENCE);
    out.writeLong(toldAfterMicros);
  }

  static Silence read(DataInputView in) throws IOException {
    Silence silence = new Silence();
    silence.toldAfterMicros = in.readLong();
    return silence;
  }
}
