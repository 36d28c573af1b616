package io.candlewick.alerts;

import io.candlewick.market.MarketEvent;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/**
 * The state of a symbol with rules on events: prices that wait for earlier ones, how far they have
 * been decided on, when its newest event was, and what the rules remember.
 */
final class SymbolPrices {

  static final long NONE = Long.MIN_VALUE;

  /** A price that waits. */
  record Waiting(long timeMicros, long sequence, BigDecimal price) {

    boolean isBefore(Waiting other) {
      return timeMicros != other.timeMicros
          ? timeMicros < other.timeMicros
          : sequence < other.sequence;
    }
  }

  final Memories memories;

  /** By time, then the venue's sequence, then arrival. */
  final List<Waiting> waiting;

  /** Prices before this time have been decided on; microseconds since the epoch. */
  long decidedBeforeMicros = NONE;

  /** The time of the newest event, and the close of its session, or {@link #NONE}. */
  long newestMicros = NONE;

  long sessionEndMicros = NONE;

  /** When an event came last, by our clock; milliseconds since the epoch. */
  long arrivedAtMillis = NONE;

  /** The timers that are to come, milliseconds since the epoch, or {@link #NONE}. */
  long decisionPlannedMillis = NONE;

  long silencePlannedMillis = NONE;
  long clockPlannedMillis = NONE;

  SymbolPrices() {
    this(new Memories(), new ArrayList<>());
  }

  SymbolPrices(Memories memories, List<Waiting> waiting) {
    this.memories = memories;
    this.waiting = waiting;
  }

  void arrived(MarketEvent event, long nowMillis) {
    arrivedAtMillis = nowMillis;
    if (event.eventTimeMicros() >= newestMicros) {
      newestMicros = event.eventTimeMicros();
      sessionEndMicros =
          event.sessionEndMicros() == MarketEvent.NO_TIME ? NONE : event.sessionEndMicros();
    }
  }

  /** Lets a price wait; returns false where later ones have been decided on. */
  boolean wait(MarketEvent event) {
    if (event.eventTimeMicros() < decidedBeforeMicros) {
      return false;
    }
    Waiting price = new Waiting(event.eventTimeMicros(), event.sequence(), event.price());
    int position = waiting.size();
    while (position > 0 && price.isBefore(waiting.get(position - 1))) {
      position--;
    }
    waiting.add(position, price);
    return true;
  }

  /** Takes out the prices before a time, in their order. */
  List<Waiting> takeBefore(long micros) {
    decidedBeforeMicros = Math.max(decidedBeforeMicros, micros);
    int count = 0;
    while (count < waiting.size() && waiting.get(count).timeMicros() < micros) {
      count++;
    }
    List<Waiting> head = waiting.subList(0, count);
    List<Waiting> taken = List.copyOf(head);
    head.clear();
    return taken;
  }

  /** Whether the venue is open at a time, as far as its newest event tells. */
  boolean isOpenAt(long micros) {
    return sessionEndMicros == NONE || micros <= sessionEndMicros;
  }

  SymbolPrices copy() {
    SymbolPrices copy = new SymbolPrices(memories.copy(), new ArrayList<>(waiting));
    copy.decidedBeforeMicros = decidedBeforeMicros;
    copy.newestMicros = newestMicros;
    copy.sessionEndMicros = sessionEndMicros;
    copy.arrivedAtMillis = arrivedAtMillis;
    copy.decisionPlannedMillis = decisionPlannedMillis;
    copy.silencePlannedMillis = silencePlannedMillis;
    copy.clockPlannedMillis = clockPlannedMillis;
    return copy;
  }
}
