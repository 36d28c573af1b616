package io.candlewick.market;

import java.io.IOException;
import java.math.BigDecimal;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Open, high, low and close of some events.
 *
 * <p>Open and close are by event time, then by the venue's sequence, and only then by arrival: the
 * result does not depend on the order in which events or ranges are added, except for events that
 * neither the venue's clock nor its sequence tells apart.
 */
final class PriceRange {

  BigDecimal open;
  BigDecimal high;
  BigDecimal low;
  BigDecimal close;
  String source;
  private long openTime;
  private long openSequence;
  private long closeTime;
  private long closeSequence;

  PriceRange(MarketEvent first) {
    open = high = low = close = first.price();
    openTime = closeTime = first.eventTimeMicros();
    openSequence = closeSequence = first.sequence();
    source = first.source();
  }

  private PriceRange() {}

  void add(MarketEvent event) {
    BigDecimal price = event.price();
    if (price.compareTo(high) > 0) {
      high = price;
    } else if (price.compareTo(low) < 0) {
      low = price;
    }
    long time = event.eventTimeMicros();
    if (isBefore(time, event.sequence(), openTime, openSequence)) {
      open = price;
      openTime = time;
      openSequence = event.sequence();
    }
    if (!isBefore(time, event.sequence(), closeTime, closeSequence)) {
      close = price;
      closeTime = time;
      closeSequence = event.sequence();
      source = event.source();
    }
  }

  /** Adds a range whose events arrived after those of this one. */
  void add(PriceRange later) {
    high = high.max(later.high);
    low = low.min(later.low);
    if (isBefore(later.openTime, later.openSequence, openTime, openSequence)) {
      open = later.open;
      openTime = later.openTime;
      openSequence = later.openSequence;
    }
    if (!isBefore(later.closeTime, later.closeSequence, closeTime, closeSequence)) {
      close = later.close;
      closeTime = later.closeTime;
      closeSequence = later.closeSequence;
      source = later.source;
    }
  }

  static boolean isBefore(long time, long sequence, long otherTime, long otherSequence) {
    return time < otherTime || time == otherTime && sequence < otherSequence;
  }

  PriceRange copy() {
    PriceRange copy = new PriceRange();
    copy.open = open;
    copy.high = high;
    copy.low = low;
    copy.close = close;
    copy.source = source;
    copy.openTime = openTime;
    copy.openSequence = openSequence;
    copy.closeTime = closeTime;
    copy.closeSequence = closeSequence;
    return copy;
  }

  static void write(PriceRange range, DataOutputView out) throws IOException {
    out.writeBoolean(range != null);
    if (range == null) {
      return;
    }
    Wire.writeDecimal(range.open, out);
    Wire.writeDecimal(range.high, out);
    Wire.writeDecimal(range.low, out);
    Wire.writeDecimal(range.close, out);
    Wire.writeText(range.source, out);
    out.writeLong(range.openTime);
    out.writeLong(range.openSequence);
    out.writeLong(range.closeTime);
    out.writeLong(range.closeSequence);
  }

  static PriceRange read(DataInputView in) throws IOException {
    if (!in.readBoolean()) {
      return null;
    }
    PriceRange range = new PriceRange();
    range.open = Wire.readDecimal(in);
    range.high = Wire.readDecimal(in);
    range.low = Wire.readDecimal(in);
    range.close = Wire.readDecimal(in);
    range.source = Wire.readText(in);
    range.openTime = in.readLong();
    range.openSequence = in.readLong();
    range.closeTime = in.readLong();
    range.closeSequence = in.readLong();
    return range;
  }
}
