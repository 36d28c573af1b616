package io.candlewick.market;

import java.io.IOException;
import java.math.BigDecimal;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * What a venue said it had traded in a trading day up to some moment.
 *
 * @param timeMicros the moment, microseconds since the epoch, UTC
 * @param tradingDay the session date as a day of the epoch
 */
record DayVolume(long timeMicros, long sequence, int tradingDay, BigDecimal volume) {

  static DayVolume of(MarketEvent event) {
    return new DayVolume(
        event.eventTimeMicros(), event.sequence(), event.tradingDay(), event.dayVolume());
  }

  /** The earlier of two, of which either may be null; the first where they are of one moment. */
  static DayVolume earlier(DayVolume first, DayVolume second) {
    if (first == null || second == null) {
      return first == null ? second : first;
    }
    return second.isBefore(first) ? second : first;
  }

  /** The later of two, of which either may be null; the second where they are of one moment. */
  static DayVolume later(DayVolume first, DayVolume second) {
    if (first == null || second == null) {
      return first == null ? second : first;
    }
    return second.isBefore(first) ? first : second;
  }

  private boolean isBefore(DayVolume other) {
    return PriceRange.isBefore(timeMicros, sequence, other.timeMicros, other.sequence);
  }

  static void write(DayVolume value, DataOutputView out) throws IOException {
    out.writeBoolean(value != null);
    if (value != null) {
      out.writeLong(value.timeMicros);
      out.writeLong(value.sequence);
      out.writeInt(value.tradingDay);
      Wire.writeDecimal(value.volume, out);
    }
  }

  static DayVolume read(DataInputView in) throws IOException {
    return in.readBoolean()
        ? new DayVolume(in.readLong(), in.readLong(), in.readInt(), Wire.readDecimal(in))
        : null;
  }
}
