package io.candlewick.alerts;

/**
 * Decided once on each final candle of its series, by what is known when the candle becomes final:
 * corrections of a candle, and candles that come up behind a later one, never fire.
 */
sealed interface CandleCondition extends Condition
    permits IndicatorThreshold, IndicatorCross, VolumeSpike {

  /** Whether these values hold what the condition needs. */
  boolean reads(CandleValues candle);

  /**
   * Takes the next candle, or the correction of an earlier one.
   *
   * @param isNew whether the candle is later than all before
   * @return what to tell, or null; always null where it is not new
   */
  Firing next(Memory memory, CandleValues candle, boolean isNew);
}
