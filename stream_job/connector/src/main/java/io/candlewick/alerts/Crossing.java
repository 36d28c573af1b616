package io.candlewick.alerts;

import java.io.IOException;
import java.math.BigDecimal;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * On which side of a {@link Level} a value is.
 *
 * <p>The first value only says so. A way up fires at the first value at or above the threshold
 * after one below it; the next way up counts only once the value was at or below the threshold less
 * the hysteresis, and in any case below the threshold. The way down is its mirror image.
 */
final class Crossing implements Memory {

  private boolean begun;
  private boolean upArmed;
  private boolean downArmed;

  /** Takes the next value; returns the way in which it crossed, or null. */
  Direction next(Level level, BigDecimal value) {
    if (!begun) {
      begun = true;
      upArmed = !level.isReachedUp(value);
      downArmed = !level.isReachedDown(value);
      return null;
    }
    Direction crossed = null;
    if (upArmed && level.isReachedUp(value)) {
      upArmed = false;
      crossed = Direction.UP;
    } else if (downArmed && level.isReachedDown(value)) {
      downArmed = false;
      crossed = Direction.DOWN;
    }
    upArmed |= level.armsUp(value);
    downArmed |= level.armsDown(value);
    return crossed != null && level.direction().includes(crossed) ? crossed : null;
  }

  @Override
  public Crossing copy() {
    Crossing copy = new Crossing();
    copy.begun = begun;
    copy.upArmed = upArmed;
    copy.downArmed = downArmed;
    return copy;
  }

  @Override
  public void write(DataOutputView out) throws IOException {
    out.writeByte(CROSSING);
    out.writeBoolean(begun);
    out.writeBoolean(upArmed);
    out.writeBoolean(downArmed);
  }

  static Crossing read(DataInputView in) throws IOException {
    Crossing crossing = new Crossing();
    crossing.begun = in.readBoolean();
    crossing.upArmed = in.readBoolean();
    crossing.downArmed = in.readBoolean();
    return crossing;
  }
}
