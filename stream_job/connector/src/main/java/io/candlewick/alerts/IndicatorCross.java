package io.candlewick.alerts;

import java.math.BigDecimal;

/** An indicator crosses another of the same final candle: their difference crosses zero. */
record IndicatorCross(String indicator, String other, Direction direction)
    implements CandleCondition {

  @Override
  public Crossing begin() {
    return new Crossing();
  }

  @Override
  public boolean reads(CandleValues candle) {
    return candle.indicator(indicator) != null && candle.indicator(other) != null;
  }

  @Override
  public Firing next(Memory memory, CandleValues candle, boolean isNew) {
    if (!isNew) {
      return null;
    }
    BigDecimal value = BigDecimal.valueOf(candle.indicator(indicator));
    BigDecimal otherValue = BigDecimal.valueOf(candle.indicator(other));
    Level level = new Level(otherValue, BigDecimal.ZERO, direction);
    Direction crossed = ((Crossing) memory).next(level, value);
    if (crossed == null) {
      return null;
    }
    String message =
        "%s of %s (%s) is %s and crossed %s, which is %s, on its way %s."
            .formatted(
                indicator,
                candle.symbol(),
                candle.interval(),
                Firing.rounded(value),
                other,
                Firing.rounded(otherValue),
                crossed == Direction.UP ? "up" : "down");
    return new Firing(candle.endMicros(), value.doubleValue(), message);
  }
}
