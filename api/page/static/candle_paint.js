// How a candle looks: full when finished, hollow while unfinished, pale where the feed broke inside it.

import { compareDecimals } from './numbers.js';

/** @param {import('./candles.js').TimedCandle} candle */
const rises = candle => compareDecimals(candle.close, candle.open) >= 0;

/**
 * @param {import('./candles.js').TimedCandle} candle
 * @param {import('./theme.js').Palette} colours
 */
export const strongColour = (candle, colours) => (rises(candle) ? colours.up : colours.down);

/**
 * @param {import('./candles.js').TimedCandle} candle
 * @param {import('./theme.js').Palette} colours
 */
const paleColour = (candle, colours) => (rises(candle) ? colours.upPale : colours.downPale);

/**
 * @param {import('./candles.js').TimedCandle} candle
 * @param {import('./theme.js').Palette} colours
 */
export function candlePoint(candle, colours) {
  const edge = (candle.is_partial ? paleColour : strongColour)(candle, colours);
  return {
    time: /** @type {import('./vendor/lightweight-charts.js').UTCTimestamp} */ (candle.time),
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
  time: /** @type {import('./vendor/lightweight-charts.js').UTCTimestamp} */ (candle.time),
  value: Number(candle.volume),
  color: paleColour(candle, colours),
});
