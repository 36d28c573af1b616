package io.candlewick.market;

import java.math.BigDecimal;

/**
 * What a minute of events comes to, seen after the minutes before it.
 *
 * @param vwap average price by volume, 18 fractional digits, half to even; null without volume
 * @param tradeCount how many trades; 0 where only quotes are known
 * @param isPartial whether the feed began or broke inside it
 * @param contentRevision see {@link FeedProgress#next}
 */
record Candle(
    BigDecimal open,
    BigDecimal high,
    BigDecimal low,
    BigDecimal close,
    BigDecimal volume,
    BigDecimal vwap,
    long tradeCount,
    String source,
    boolean isPartial,
    long contentRevision) {}
