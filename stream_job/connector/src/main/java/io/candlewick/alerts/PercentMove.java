package io.candlewick.alerts;

import java.math.BigDecimal;
import java.math.MathContext;

/**
 * The price is by so many percent above the lowest, or below the highest, price of the last minutes
 * of event time, of which the oldest moment counts. Of each direction, the next move counts only
 * once a price came whose move is smaller than {@code percent} less {@code hysteresis}.
 *
 * @param hysteresis percentage points, not negative and less than {@code percent}
 */
record PercentMove(
    BigDecimal percent, int windowMinutes, BigDecimal hysteresis, Direction direction)
    implements PriceCondition {

  static final long MINUTE_MICROS = 60_000_000L;
  private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

  @Override
  public MoveWindow begin() {
    return new MoveWindow();
  }

  @Override
  public Firing next(Memory memory, String symbol, long timeMicros, BigDecimal price) {
    MoveWindow window = (MoveWindow) memory;
    window.add(timeMicros, price, timeMicros - windowMinutes * MINUTE_MICROS);
    BigDecimal low = window.lowest();
    BigDecimal high = window.highest();
    BigDecimal risen = price.subtract(low);
    BigDecimal fallen = high.subtract(price);
    boolean up = window.upArmed && isReached(risen, low);
    boolean down = window.downArmed && isReached(fallen, high);
    window.upArmed = window.upArmed ? !up : isBack(risen, low);
    window.downArmed = window.downArmed ? !down : isBack(fallen, high);
    if (up && direction.includes(Direction.UP)) {
      return firing(symbol, timeMicros, price, "rose", percentOf(risen, low));
    }
    if (down && direction.includes(Direction.DOWN)) {
      return firing(symbol, timeMicros, price, "fell", percentOf(fallen, high).negate());
    }
    return null;
  }

  private boolean isReached(BigDecimal move, BigDecimal from) {
    return move.multiply(HUNDRED).compareTo(percent.multiply(from)) >= 0;
  }

  private boolean isBack(BigDecimal move, BigDecimal from) {
    return move.multiply(HUNDRED).compareTo(percent.subtract(hysteresis).multiply(from)) < 0;
  }

  private static BigDecimal percentOf(BigDecimal move, BigDecimal from) {
    return move.multiply(HUNDRED).divide(from, MathContext.DECIMAL64);
  }

  private Firing firing(
      String symbol, long timeMicros, BigDecimal price, String verb, BigDecimal moved) {
    String message =
        "%s %s by %s %% within %d min, to %s."
            .formatted(
                symbol, verb, Firing.rounded(moved.abs()), windowMinutes, Firing.exact(price));
    return new Firing(timeMicros, moved.doubleValue(), message);
  }
}
