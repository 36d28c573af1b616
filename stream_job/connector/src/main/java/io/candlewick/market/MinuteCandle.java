package io.candlewick.market;

import java.math.BigDecimal;

/** One minute of one symbol, with what follows from the minutes before it. */
final class MinuteCandle {

  final MinuteEvents events;

  /** Whether the feed began or broke inside it, or resumed in it after a break. */
  boolean isPartial;

  /** Traded volume: of its trades, else the growth of the day's volume as quotes told it. */
  BigDecimal volume = BigDecimal.ZERO;

  /** Whether something has changed since it was last emitted. */
  boolean isDirty = true;

  MinuteCandle(MinuteEvents events) {
    this.events = events;
  }

  MinuteCandle copy() {
    MinuteCandle copy = new MinuteCandle(events.copy());
    copy.isPartial = isPartial;
    copy.volume = volume;
    copy.isDirty = isDirty;
    return copy;
  }

  /** Takes over what follows from the minutes before, and becomes dirty if that is news. */
  void derive(boolean partial, BigDecimal newVolume) {
    if (partial != isPartial || newVolume.compareTo(volume) != 0) {
      isPartial = partial;
      volume = newVolume;
      isDirty = true;
    }
  }

  /** The prices that tell the candle: those of trades where there are any. Null without a price. */
  PriceRange prices() {
    return events.trades != null ? events.trades : events.quotes;
  }
}
