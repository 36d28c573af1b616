package io.candlewick.alerts;

import java.math.BigDecimal;

/** The price, of a trade or a polled quote, crosses a level: see {@link Crossing}. */
record PriceCross(Level level) implements PriceCondition {

  @Override
  public Crossing begin() {
    return new Crossing();
  }

  @Override
  public Firing next(Memory memory, String symbol, long timeMicros, BigDecimal price) {
    Direction crossed = ((Crossing) memory).next(level, price);
    if (crossed == null) {
      return null;
    }
    String message =
        "%s %s to %s and crossed %s."
            .formatted(
                symbol,
                crossed == Direction.UP ? "rose" : "fell",
                Firing.exact(price),
                Firing.exact(level.threshold()));
    return new Firing(timeMicros, price.doubleValue(), message);
  }
}
