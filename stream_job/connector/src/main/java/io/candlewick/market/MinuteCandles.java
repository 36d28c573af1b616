package io.candlewick.market;

import java.util.TreeMap;

/**
 * The state of one symbol: the minutes that can still change, and what the ones before them left.
 *
 * <p>A longer candle is the sum of the candles of its minutes: of the settled ones, which {@link
 * LongerCandles} holds, and of those in {@code minutes}; {@link #settle} is where a minute leaves
 * the one and enters the other.
 *
 * <p>Kept as one sorted value and not as a map state, because every use of it walks the minutes in
 * order and there are hardly more than a dozen.
 */
final class MinuteCandles {

  /** A minute, and what was last written of it. */
  static final class Entry {
    final MinuteEvents events;
    boolean isFinal;
    long writtenRevision;

    Entry(MinuteEvents events) {
      this.events = events;
    }
  }

  /** Takes the candles that have changed. */
  interface Output {
    void collect(
        Interval interval, long startMillis, Candle candle, boolean isFinal, long revision);
  }

  final TreeMap<Long, Entry> minutes;
  final FeedProgress settled;
  final LongerCandles longer;

  /** No minute up to this one may come again, whatever the watermark is after a restore. */
  long settledUpToMillis = MinuteEvents.NO_TIME;

  /** Processing time, milliseconds since the epoch: when candles were last written. */
  long writtenAtMillis;

  boolean writeIsPlanned;

  MinuteCandles() {
    this(new TreeMap<>(), new FeedProgress(), new LongerCandles());
  }

  MinuteCandles(TreeMap<Long, Entry> minutes, FeedProgress settled, LongerCandles longer) {
    this.minutes = minutes;
    this.settled = settled;
    this.longer = longer;
  }

  /** Folds events in; returns the minute's entry. */
  Entry add(MinuteEvents arrived) {
    Entry entry = minutes.get(arrived.startMillis);
    if (entry == null) {
      // A copy, because what arrived belongs to the operator before this one.
      entry = new Entry(arrived.copy());
      minutes.put(arrived.startMillis, entry);
    } else {
      entry.events.add(arrived);
    }
    return entry;
  }

  /** Writes every candle that is newer than what was written. */
  void write(Output out) {
    LongerCandles.Sums sums = longer.sums();
    walk(
        Long.MAX_VALUE,
        (entry, candle, earlierVolumes) -> {
          write(entry, candle, out);
          sums.add(entry.events, candle, earlierVolumes);
        });
    sums.write(false, out);
  }

  /** Writes the one-minute candles up to a minute, that one included, that are newer. */
  void writeMinutes(long upToMillis, Output out) {
    walk(upToMillis, (entry, candle, earlierVolumes) -> write(entry, candle, out));
  }

  /** Writes the longer candles that are final, and newer than what was written. */
  void writeFinalLonger(Output out) {
    LongerCandles.Sums sums = longer.sums();
    walk(
        Long.MAX_VALUE,
        (entry, candle, earlierVolumes) -> sums.add(entry.events, candle, earlierVolumes));
    sums.write(true, out);
  }

  private interface Visitor {
    void visit(Entry entry, Candle candle, long earlierVolumes);
  }

  private void walk(long upToMillis, Visitor visitor) {
    FeedProgress progress = settled.copy();
    for (Entry entry : minutes.headMap(upToMillis, true).values()) {
      long earlierVolumes = progress.earlierVolumes(entry.events);
      visitor.visit(entry, progress.next(entry.events), earlierVolumes);
    }
  }

  private static void write(Entry entry, Candle candle, Output out) {
    if (candle == null) {
      return;
    }
    long revision = candle.contentRevision() + (entry.isFinal ? 1 : 0);
    if (revision > entry.writtenRevision) {
      entry.writtenRevision = revision;
      out.collect(Interval.MINUTE, entry.events.startMillis, candle, entry.isFinal, revision);
    }
  }

  /** Lets go of the minutes up to one, that one included: nothing may change them any more. */
  void settle(long upToMillis) {
    settledUpToMillis = Math.max(settledUpToMillis, upToMillis);
    while (!minutes.isEmpty() && minutes.firstKey() <= upToMillis) {
      MinuteEvents minute = minutes.pollFirstEntry().getValue().events;
      long earlierVolumes = settled.earlierVolumes(minute);
      longer.settle(minute, settled.next(minute), earlierVolumes);
    }
  }

  MinuteCandles copy() {
    MinuteCandles copy = new MinuteCandles(new TreeMap<>(), settled.copy(), longer.copy());
    minutes.forEach(
        (start, entry) -> {
          Entry entryCopy = new Entry(entry.events.copy());
          entryCopy.isFinal = entry.isFinal;
          entryCopy.writtenRevision = entry.writtenRevision;
          copy.minutes.put(start, entryCopy);
        });
    copy.settledUpToMillis = settledUpToMillis;
    copy.writtenAtMillis = writtenAtMillis;
    copy.writeIsPlanned = writeIsPlanned;
    return copy;
  }
}
