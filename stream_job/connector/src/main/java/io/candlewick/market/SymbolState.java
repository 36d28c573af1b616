package io.candlewick.market;

import java.math.BigDecimal;
import java.util.Map;
import java.util.TreeMap;

/**
 * The minutes of one symbol that can still change, and what must be remembered of those before.
 *
 * <p>Everything in here is a function of which events were folded in, not of how they were grouped
 * or in which order minutes came, so that a replay after a crash ends with the same values.
 */
final class SymbolState {

  /** The minutes by their beginning, milliseconds since the epoch. */
  final TreeMap<Long, MinuteCandle> minutes = new TreeMap<>();

  /** How many events the minutes held that were dropped. Above 0 means that there were some. */
  long droppedEvents;

  /** Whether the last minute that was dropped held a break. */
  boolean droppedBreak;

  /** What the dropped minutes told last of the day's volume, or null. */
  DayVolume droppedDayVolume;

  /** When the next unfinished candles are due, processing time in milliseconds; 0 for never. */
  long emissionMillis;

  /** Folds events in, and brings the minutes up to date that follow from them. */
  void add(MinuteEvents later) {
    MinuteCandle candle = minutes.get(later.startMillis);
    if (candle == null) {
      candle = new MinuteCandle(later);
      minutes.put(later.startMillis, candle);
    } else {
      candle.events.add(later);
      candle.isDirty = true;
    }
    derive(later.startMillis, candle);
    boolean isVolumeSettled = later.dayVolumes == 0;
    boolean isNext = true;
    for (Map.Entry<Long, MinuteCandle> next :
        minutes.tailMap(later.startMillis, false).entrySet()) {
      if (!isNext && isVolumeSettled) {
        break;
      }
      derive(next.getKey(), next.getValue());
      isNext = false;
      isVolumeSettled |= next.getValue().events.dayVolumes > 0;
    }
  }

  /**
   * The revision of a candle: twice the number of this symbol's events up to its end. Whatever
   * changes a candle is an event in it or before it, so it grows with every change; and it depends
   * on nothing but the events, so that the same candle has the same revision in every replay.
   */
  long revision(long startMillis, boolean isFinal) {
    long events = droppedEvents;
    for (MinuteCandle candle : minutes.headMap(startMillis, true).values()) {
      events += candle.events.events;
    }
    return 2 * events + (isFinal ? 1 : 0);
  }

  /** Forgets the earliest minute. */
  void dropFirst() {
    MinuteEvents events = minutes.pollFirstEntry().getValue().events;
    droppedEvents += events.events;
    droppedBreak = events.breaks > 0;
    droppedDayVolume = DayVolume.later(droppedDayVolume, events.lastDayVolume);
  }

  private void derive(long startMillis, MinuteCandle candle) {
    candle.derive(isPartial(startMillis, candle), volume(startMillis, candle.events));
  }

  private boolean isPartial(long startMillis, MinuteCandle candle) {
    if (candle.events.breaks > 0) {
      return true;
    }
    Map.Entry<Long, MinuteCandle> previous = minutes.lowerEntry(startMillis);
    if (previous == null) {
      return droppedEvents == 0 || droppedBreak;
    }
    return previous.getValue().events.breaks > 0;
  }

  private BigDecimal volume(long startMillis, MinuteEvents events) {
    if (events.trades != null) {
      return events.volume;
    }
    if (events.lastDayVolume == null) {
      return BigDecimal.ZERO;
    }
    return growth(dayVolumeBefore(startMillis), events.firstDayVolume, events.lastDayVolume);
  }

  private DayVolume dayVolumeBefore(long startMillis) {
    for (MinuteCandle earlier : minutes.headMap(startMillis, false).descendingMap().values()) {
      if (earlier.events.lastDayVolume != null) {
        return earlier.events.lastDayVolume;
      }
    }
    return droppedDayVolume;
  }

  /**
   * How much was traded in a minute, from what the venue said of the day.
   *
   * @param before what was last said before the minute, or null after a start: then the minute
   *     claims only what was traded since its own first word
   */
  private static BigDecimal growth(DayVolume before, DayVolume first, DayVolume last) {
    BigDecimal base;
    if (before != null && before.tradingDay() < last.tradingDay()) {
      base = BigDecimal.ZERO;
    } else if (before != null && before.tradingDay() == last.tradingDay()) {
      base = before.volume();
    } else {
      base = first.volume();
    }
    // A decrease is the venue's correction of what it said before, not a negative volume.
    return last.volume().subtract(base).max(BigDecimal.ZERO);
  }
}
