package io.candlewick.market;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * The candles of a symbol that are longer than a minute and can still change.
 *
 * <p>A candle is let go when nothing can change it any more: its minutes are settled when its end
 * is {@link CandleFunction#ALLOWED_LATENESS_MILLIS} ago. A day has no such end, because a venue's
 * session closes and trading for that day goes on after hours: the newest day stays until a later
 * one begins.
 */
final class LongerCandles {

  /** A candle with what it comes to while its minutes are gone through. */
  private record Summing(LongerCandle candle, CandleSum sum) {}

  private final List<TreeMap<Long, LongerCandle>> open;

  /** The label of the newest day that was let go; it must not begin again. */
  private long closedDayMillis = MinuteEvents.NO_TIME;

  /**
   * The first minute from which on every minute has been seen: a candle that began before is
   * partial, because it is not known what was traded then.
   */
  private long seenFromMillis = MinuteEvents.NO_TIME;

  LongerCandles() {
    open = new ArrayList<>(Interval.LONGER.size());
    Interval.LONGER.forEach(interval -> open.add(new TreeMap<>()));
  }

  /**
   * The candles of a symbol with a past of which only these minutes are left. Their ends are
   * planned when the symbol is next seen.
   */
  static LongerCandles joining(Collection<MinuteCandles.Entry> minutes) {
    LongerCandles candles = new LongerCandles();
    candles.seenFromMillis = Long.MAX_VALUE;
    minutes.forEach(entry -> candles.open(entry.events, candle -> {}));
    return candles;
  }

  /**
   * Opens the candles that a minute belongs to, where they are not open. A minute without a price
   * opens none; it counts in those that it falls into.
   *
   * @param planner told of each whose end is not planned
   */
  void open(MinuteEvents minute, Consumer<LongerCandle> planner) {
    if (!minute.hasPrice()) {
      return;
    }
    if (seenFromMillis == Long.MAX_VALUE) {
      seenFromMillis = minute.startMillis;
    }
    for (int i = 0; i < open.size(); i++) {
      Interval interval = Interval.LONGER.get(i);
      long start = interval.startOf(minute);
      if (interval == Interval.DAY && start <= closedDayMillis) {
        continue;
      }
      LongerCandle candle = open.get(i).get(start);
      if (candle == null) {
        candle = new LongerCandle(interval, start, beganUnseen(interval, start, minute));
        open.get(i).put(start, candle);
      }
      candle.learnEnd(minute);
      if (!candle.isPlanned) {
        planner.accept(candle);
      }
    }
  }

  private boolean beganUnseen(Interval interval, long start, MinuteEvents first) {
    // When a trading day opened is not known, so that one is taken to have been under way.
    return interval == Interval.DAY ? first.startMillis <= seenFromMillis : start < seenFromMillis;
  }

  /** Gives every candle to a planner whose end is not planned. */
  void planAll(Consumer<LongerCandle> planner) {
    forEach(
        candle -> {
          if (!candle.isPlanned) {
            planner.accept(candle);
          }
        });
  }

  /** Marks those that end by a moment as final; tells whether there are any that were not. */
  boolean finish(long moment) {
    boolean found = false;
    for (TreeMap<Long, LongerCandle> ofInterval : open) {
      for (LongerCandle candle : ofInterval.values()) {
        if (!candle.isFinal && candle.lastMoment() <= moment) {
          candle.isFinal = true;
          found = true;
        }
      }
    }
    return found;
  }

  /** Adds a minute that nothing may change any more to what its candles have settled. */
  void settle(MinuteEvents minute, Candle candle, long earlierVolumes) {
    for (int i = 0; i < open.size(); i++) {
      LongerCandle longer = open.get(i).get(Interval.LONGER.get(i).startOf(minute));
      if (longer != null) {
        longer.settled.add(minute, candle, earlierVolumes);
      }
    }
  }

  /** Whether any can be let go at a moment. */
  boolean canLetGo(long moment) {
    for (TreeMap<Long, LongerCandle> ofInterval : open) {
      for (LongerCandle candle : ofInterval.values()) {
        if (canLetGo(candle, ofInterval, moment)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Lets go of those that nothing can change after a moment. */
  void letGo(long moment) {
    for (TreeMap<Long, LongerCandle> ofInterval : open) {
      ofInterval
          .values()
          .removeIf(
              candle -> {
                boolean isOver = canLetGo(candle, ofInterval, moment);
                if (isOver && candle.interval == Interval.DAY) {
                  closedDayMillis = Math.max(closedDayMillis, candle.startMillis);
                }
                return isOver;
              });
    }
  }

  private static boolean canLetGo(
      LongerCandle candle, TreeMap<Long, LongerCandle> ofInterval, long moment) {
    return candle.lastMoment() + CandleFunction.ALLOWED_LATENESS_MILLIS <= moment
        && (candle.interval != Interval.DAY || candle.startMillis < ofInterval.lastKey());
  }

  /** The candles with their settled minutes, for the minutes that are kept to be added. */
  Sums sums() {
    return new Sums();
  }

  /** What the candles come to. */
  final class Sums {

    private final List<TreeMap<Long, Summing>> sums = new ArrayList<>(open.size());

    private Sums() {
      for (TreeMap<Long, LongerCandle> ofInterval : open) {
        TreeMap<Long, Summing> ofSums = new TreeMap<>();
        ofInterval.forEach(
            (start, candle) -> ofSums.put(start, new Summing(candle, candle.settled.copy())));
        sums.add(ofSums);
      }
    }

    void add(MinuteEvents minute, Candle candle, long earlierVolumes) {
      for (int i = 0; i < sums.size(); i++) {
        Summing summing = sums.get(i).get(Interval.LONGER.get(i).startOf(minute));
        if (summing != null) {
          summing.sum.add(minute, candle, earlierVolumes);
        }
      }
    }

    /** Writes those that are newer than what was written of them. */
    void write(boolean onlyFinal, MinuteCandles.Output out) {
      for (TreeMap<Long, Summing> ofInterval : sums) {
        for (Summing summing : ofInterval.values()) {
          LongerCandle longer = summing.candle;
          Candle candle = onlyFinal && !longer.isFinal ? null : summing.sum.candle();
          if (candle == null) {
            continue;
          }
          long revision = candle.contentRevision() + (longer.isFinal ? 1 : 0);
          if (revision > longer.writtenRevision) {
            longer.writtenRevision = revision;
            out.collect(longer.interval, longer.startMillis, candle, longer.isFinal, revision);
          }
        }
      }
    }
  }

  /** How many candles are open. */
  int size() {
    return open.stream().mapToInt(TreeMap::size).sum();
  }

  private void forEach(Consumer<LongerCandle> action) {
    open.stream().map(TreeMap::values).flatMap(Collection::stream).forEach(action);
  }

  LongerCandles copy() {
    LongerCandles copy = new LongerCandles();
    for (int i = 0; i < open.size(); i++) {
      TreeMap<Long, LongerCandle> ofCopy = copy.open.get(i);
      open.get(i).forEach((start, candle) -> ofCopy.put(start, candle.copy()));
    }
    copy.closedDayMillis = closedDayMillis;
    copy.seenFromMillis = seenFromMillis;
    return copy;
  }

  void write(DataOutputView out) throws IOException {
    out.writeLong(closedDayMillis);
    out.writeLong(seenFromMillis);
    out.writeInt(size());
    for (TreeMap<Long, LongerCandle> ofInterval : open) {
      for (LongerCandle candle : ofInterval.values()) {
        candle.write(out);
      }
    }
  }

  static LongerCandles read(DataInputView in, int version) throws IOException {
    LongerCandles candles = new LongerCandles();
    candles.closedDayMillis = in.readLong();
    candles.seenFromMillis = in.readLong();
    int size = in.readInt();
    for (int i = 0; i < size; i++) {
      LongerCandle candle = LongerCandle.read(in, version);
      candles.open.get(Interval.LONGER.indexOf(candle.interval)).put(candle.startMillis, candle);
    }
    return candles;
  }
}
