package io.candlewick.alerts;

import java.math.BigDecimal;

/**
 * A value to cross, and how far a value has to go back before the next crossing counts.
 *
 * @param hysteresis in the unit of the threshold, not negative
 */
record Level(BigDecimal threshold, BigDecimal hysteresis, Direction direction) {

  boolean isReachedUp(BigDecimal value) {
    return value.compareTo(threshold) >= 0;
  }

  boolean isReachedDown(BigDecimal value) {
    return value.compareTo(threshold) <= 0;
  }

  /** Whether the value is far enough below for the next way up to count. */
  boolean armsUp(BigDecimal value) {
    return !isReachedUp(value) && value.compareTo(threshold.subtract(hysteresis)) <= 0;
  }

  /** Whether the value is far enough above for the next way down to count. */
  boolean armsDown(BigDecimal value) {
    return !isReachedDown(value) && value.compareTo(threshold.add(hysteresis)) >= 0;
  }
}
