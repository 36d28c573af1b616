package io.candlewick.market;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * What a minute, or several, of events come to, seen after the minutes before.
 *
 * @param volume what was traded, by the trades or by the growth of the day's volume
 * @param tradedVolume the part of {@code volume} that is known trade by trade
 * @param turnover exact sum of price × size of those trades
 * @param tradeCount how many trades; 0 where only quotes are known
 * @param isPartial whether the feed began or broke inside it
 * @param tradingDay the venue's session that its last trade or quote belongs to, in days since the
 *     epoch
 * @param contentRevision see {@link FeedProgress#next}
 */
record Candle(
    BigDecimal open,
    BigDecimal high,
    BigDecimal low,
    BigDecimal close,
    BigDecimal volume,
    BigDecimal tradedVolume,
    BigDecimal turnover,
    long tradeCount,
    String source,
    boolean isPartial,
    int tradingDay,
    long contentRevision) {

  private static final int SCALE = 18;

  /** Average price by traded volume, 18 fractional digits, half to even; null without volume. */
  BigDecimal vwap() {
    return tradedVolume.signum() == 0
        ? null
        : turnover.divide(tradedVolume, SCALE, RoundingMode.HALF_EVEN);
  }
}
