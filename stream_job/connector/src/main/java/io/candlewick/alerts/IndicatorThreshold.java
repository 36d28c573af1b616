package io.candlewick.alerts;

import java.math.BigDecimal;

/** An indicator's value of a final candle crosses a level: see {@link Crossing}. */
record IndicatorThreshold(String indicator, Level level) implements CandleCondition {

  @Override
  public Crossing begin() {
    return new Crossing();
  }

  @Override
  public boolean reads(CandleValues candle) {
    return candle.indicator(indicator) != null;
  }

  @Override
  public Firing next(Memory memory, CandleValues candle, boolean isNew) {
    if (!isNew) {
      return null;
    }
    BigDecimal value = BigDecimal.valueOf(candle.indicator(indicator));
    Direction crossed = ((Crossing) memory).next(level, value);
    if (crossed == null) {
      return null;
    }
    String message =
        "%s of %s (%s) %s to %s and crossed %s."
            .formatted(
                indicator,
                candle.symbol(),
                candle.interval(),
                crossed == Direction.UP ? "rose" : "fell",
                Firing.rounded(value),
                Firing.exact(level.threshold()));
    return new Firing(candle.endMicros(), value.doubleValue(), message);
  }
}
