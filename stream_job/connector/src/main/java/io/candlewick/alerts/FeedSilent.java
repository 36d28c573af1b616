package io.candlewick.alerts;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * No trade and no quote of the symbol for so many minutes while its venue is open.
 *
 * <p>A silence is told once, at the time of its last event plus the minutes, whichever clock finds
 * it first:
 *
 * <ul>
 *   <li>the market's: the watermark has passed that time, because other symbols and heartbeats went
 *       on. Behind a backlog the watermark is behind as well, so nothing fires that the backlog
 *       answers;
 *   <li>ours, where nothing moves the watermark: no event of the symbol came for so long, counted
 *       from the job's start at the earliest, and the source says that its streams are idle. While
 *       the job is held back, or has not read its backlog, they are not.
 * </ul>
 *
 * <p>The venue is open until the {@code session_end} of the last event, and always where events
 * have none: what would be told after the close is not told. A feed that stays silent from an
 * opening on is not noticed here, since no event says that the venue has opened.
 */
record FeedSilent(int minutes) implements Condition {

  @Override
  public Silence begin() {
    return new Silence();
  }

  long millis() {
    return minutes * 60_000L;
  }

  /** What to tell of a silence after an event at this time. */
  Firing firing(String symbol, long lastMicros) {
    Instant last = Instant.EPOCH.plus(lastMicros, ChronoUnit.MICROS);
    String message =
        "No event of %s for %d min: the last was at %s.".formatted(symbol, minutes, last);
    return new Firing(lastMicros + millis() * 1000, minutes, message);
  }
}
