package io.candlewick.alerts;

import java.io.Serializable;

/** What a rule waits for: its parameters, read and checked. */
sealed interface Condition extends Serializable
    permits PriceCondition, CandleCondition, FeedSilent {

  /** What it remembers before it has seen anything. */
  Memory begin();
}
