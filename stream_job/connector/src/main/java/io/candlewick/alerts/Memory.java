package io.candlewick.alerts;

import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** What one rule remembers of its symbol. The tags are part of checkpoints: they never change. */
sealed interface Memory permits Crossing, MoveWindow, VolumeHistory, Silence {

  int CROSSING = 1;
  int MOVE_WINDOW = 2;
  int VOLUME_HISTORY = 3;
  int SILENCE = 4;

  Memory copy();

  /** Writes the tag and what follows it. */
  void write(DataOutputView out) throws IOException;

  static Memory read(DataInputView in) throws IOException {
    int tag = in.readByte();
    return switch (tag) {
      case CROSSING -> Crossing.read(in);
      case MOVE_WINDOW -> MoveWindow.read(in);
      case VOLUME_HISTORY -> VolumeHistory.read(in);
      case SILENCE -> Silence.read(in);
      default ->
          throw new IOException("What a rule remembers begins with %d: unknown.".formatted(tag));
    };
  }
}
