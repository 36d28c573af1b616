package io.candlewick.alerts;

import java.math.BigDecimal;
import java.math.MathContext;

/**
 * A final candle's volume is at least {@code ratio} times the mean of so many final candles before
 * it, a mean that is not zero. Each such candle fires, also one that follows another.
 */
record VolumeSpike(BigDecimal ratio, int candles) implements CandleCondition {

  @Override
  public VolumeHistory begin() {
    return new VolumeHistory();
  }

  @Override
  public boolean reads(CandleValues candle) {
    return candle.volume() != null;
  }

  @Override
  public Firing next(Memory memory, CandleValues candle, boolean isNew) {
    VolumeHistory history = (VolumeHistory) memory;
    BigDecimal sum = history.sum();
    boolean isSpike =
        isNew
            && history.size() == candles
            && sum.signum() > 0
            && candle.volume().multiply(BigDecimal.valueOf(candles)).compareTo(ratio.multiply(sum))
                >= 0;
    history.put(candle.startMicros(), candle.volume(), candles);
    return isSpike ? firing(candle, sum) : null;
  }

  private Firing firing(CandleValues candle, BigDecimal sum) {
    BigDecimal times =
        candle.volume().multiply(BigDecimal.valueOf(candles)).divide(sum, MathContext.DECIMAL64);
    String message =
        "The volume of %s (%s) is %s, %s times the mean of the %d candles before."
            .formatted(
                candle.symbol(),
                candle.interval(),
                Firing.exact(candle.volume()),
                Firing.rounded(times),
                candles);
    return new Firing(candle.endMicros(), candle.volume().doubleValue(), message);
  }
}
