package io.candlewick.market;

import java.util.Map;
import java.util.TreeMap;

/**
 * The state of one symbol: the minutes that can still change, and what the ones before them left.
 *
 * <p>Longer candles need no more than this: minutes merge ({@link MinuteEvents#add(MinuteEvents)}),
 * so a candle of any length is what its settled minutes came to, merged with those in {@code
 * minutes}; {@link #settle} is where a minute leaves the one and enters the other.
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
    void collect(MinuteEvents minute, Candle candle, boolean isFinal, long revision);
  }

  final TreeMap<Long, Entry> minutes;
  final FeedProgress settled;

  /** No minute up to this one may come again, whatever the watermark is after a restore. */
  long settledUpToMillis = Long.MIN_VALUE;

  /** Processing time, milliseconds since the epoch: when candles were last written. */
  long writtenAtMillis;

  boolean writeIsPlanned;

  MinuteCandles() {
    this(new TreeMap<>(), new FeedProgress());
  }

  MinuteCandles(TreeMap<Long, Entry> minutes, FeedProgress settled) {
    this.minutes = minutes;
    this.settled = settled;
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

  /** Writes every candle up to a minute, that one included, that is newer than what was written. */
  void write(long upToMillis, Output out) {
    FeedProgress progress = settled.copy();
    for (Map.Entry<Long, Entry> minute : minutes.headMap(upToMillis, true).entrySet()) {
      Entry entry = minute.getValue();
      Candle candle = progress.next(entry.events);
      if (candle == null) {
        continue;
      }
      long revision = candle.contentRevision() + (entry.isFinal ? 1 : 0);
      if (revision > entry.writtenRevision) {
        entry.writtenRevision = revision;
        out.collect(entry.events, candle, entry.isFinal, revision);
      }
    }
  }

  /** Lets go of the minutes up to one, that one included: nothing may change them any more. */
  void settle(long upToMillis) {
    settledUpToMillis = Math.max(settledUpToMillis, upToMillis);
    while (!minutes.isEmpty() && minutes.firstKey() <= upToMillis) {
      settled.next(minutes.pollFirstEntry().getValue().events);
    }
  }

  MinuteCandles copy() {
    MinuteCandles copy = new MinuteCandles(new TreeMap<>(), settled.copy());
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
