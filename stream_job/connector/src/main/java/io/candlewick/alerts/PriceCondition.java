package io.candlewick.alerts;

import java.math.BigDecimal;

/** Decided on each price of its symbol, in the order of event time. */
sealed interface PriceCondition extends Condition permits PriceCross, PercentMove {

  /** Takes the next price; returns what to tell, or null. */
  Firing next(Memory memory, String symbol, long timeMicros, BigDecimal price);
}
