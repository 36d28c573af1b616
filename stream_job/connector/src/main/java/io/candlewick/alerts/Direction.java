package io.candlewick.alerts;

/** Which way a value has to go for a rule to fire. */
enum Direction {
  UP,
  DOWN,
  BOTH;

  boolean includes(Direction other) {
    return this == BOTH || this == other;
  }
}
