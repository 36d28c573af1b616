package io.candlewick.market;

import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * A candle of several minutes that can still change: the sum of its settled minutes, to which those
 * that are still kept are added whenever it is written.
 */
final class LongerCandle {

  final Interval interval;

  /** The label, see {@link Interval#startOf}; milliseconds since the epoch, UTC. */
  final long startMillis;

  final CandleSum settled;

  /** When the venue's session closes, milliseconds since the epoch, or {@link #NO_TIME}. */
  private long sessionEndMillis;

  /** Whether the timers for its end are set. */
  boolean isPlanned;

  /** Whether the watermark has passed its end; what is final stays so, whatever is corrected. */
  boolean isFinal;

  long writtenRevision;

  private static final long NO_TIME = MinuteEvents.NO_TIME;

  LongerCandle(Interval interval, long startMillis, boolean beganBefore) {
    this(interval, startMillis, new CandleSum(beganBefore));
  }

  private LongerCandle(Interval interval, long startMillis, CandleSum settled) {
    this.interval = interval;
    this.startMillis = startMillis;
    this.settled = settled;
    this.sessionEndMillis = NO_TIME;
  }

  /** Learns when the session closes from a minute of it; the latest that was told counts. */
  void learnEnd(MinuteEvents minute) {
    if (interval == Interval.DAY && minute.sessionEndMillis > sessionEndMillis) {
      sessionEndMillis = minute.sessionEndMillis;
      isPlanned = false;
    }
  }

  /** The last moment that belongs to it, milliseconds since the epoch, UTC. */
  long lastMoment() {
    long end = sessionEndMillis == NO_TIME ? startMillis + interval.millis() : sessionEndMillis;
    return end - 1;
  }

  LongerCandle copy() {
    LongerCandle copy = new LongerCandle(interval, startMillis, settled.copy());
    copy.sessionEndMillis = sessionEndMillis;
    copy.isPlanned = isPlanned;
    copy.isFinal = isFinal;
    copy.writtenRevision = writtenRevision;
    return copy;
  }

  void write(DataOutputView out) throws IOException {
    out.writeByte(interval.ordinal());
    out.writeLong(startMillis);
    settled.write(out);
    out.writeLong(sessionEndMillis);
    out.writeBoolean(isPlanned);
    out.writeBoolean(isFinal);
    out.writeLong(writtenRevision);
  }

  static LongerCandle read(DataInputView in, int version) throws IOException {
    Interval interval = Interval.values()[in.readByte()];
    LongerCandle candle = new LongerCandle(interval, in.readLong(), CandleSum.read(in, version));
    candle.sessionEndMillis = in.readLong();
    candle.isPlanned = in.readBoolean();
    candle.isFinal = in.readBoolean();
    candle.writtenRevision = in.readLong();
    return candle;
  }
}
