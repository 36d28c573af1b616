// How a candle looks: full when finished, hollow while unfinished, pale where the feed broke inside it.

import { compareDecimals } from './numbers.js';

/**
 * @param {import('./candles.js').TimedCandle} candle
 * @param {import('./theme.js').Palette} colours
 */
export function candlePoint(candle, colours) {
  const rises = compareDecimals(candle.close, candle.open) >= 0;
  const strong = rises ? colours.up : colours.down;
  const edge = candle.is_partial ? (rises ? colours.upPale : colours.downPale) : strong;
  return {
    time: candle.time,
    // Coordinates on the screen: the one place where prices are binary floats.
    open: Number(candle.open), high: Number(candle.high), low: Number(candle.low), close: Number(candle.close),
    color: candle.is_final ? edge : colours.background, borderColor: edge, wickColor: edge,
  };
}

/**
 * @param {import('./candles.js').TimedCandle} candle
 * @param {import('./theme.js').Palette} colours
 */
export const volumePoint = (candle, colours) => ({
  time: candle.time,
  value: Number(candle.volume),
  color: compareDecimals(candle.close, candle.open) >= 0 ? colours.upPale : colours.downPale,
});
