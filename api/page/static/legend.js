// The words over the chart: the candle under the crosshair, or the newest one.

import { make } from './elements.js';
import { gapText, tagsOf } from './labels.js';
import { compareDecimals, grouped, percentChange, statistic } from './numbers.js';

/**
 * @typedef {object} Shown
 * @property {import('./candles.js').TimedCandle | undefined} candle
 * @property {import('./candles.js').TimedCandle | undefined} before the candle before it
 * @property {number} places decimals of prices
 * @property {string} moment
 * @property {string} zone
 * @property {import('./candles.js').Band[]} gaps
 * @property {{message: string}[]} alerts
 * @property {{label: string, values: {description: string, colour: string, value: number | null}[]}[]} indicators
 * @property {string} forecast a sentence, or nothing
 */

/** @param {HTMLElement} element @param {Shown} shown */
export function drawLegend(element, shown) {
  element.replaceChildren(
    ...(shown.candle ? candleLines(shown.candle, shown) : [make('p', {}, `${shown.moment} ${shown.zone}: no candle`)]),
    ...shown.gaps.map(gap => make('p', { class: 'gap-note' }, gapText(gap.reason))),
    ...shown.alerts.map(alert => make('p', { class: 'alert-note' }, `Alert: ${alert.message}`)),
    ...shown.indicators.map(indicatorLine),
    ...(shown.forecast ? [make('p', { class: 'forecast-note' }, shown.forecast)] : []),
  );
}

/** @param {import('./candles.js').TimedCandle} candle @param {Shown} shown */
function candleLines(candle, { before, places, moment, zone }) {
  const rises = compareDecimals(candle.close, candle.open) >= 0;
  const price = (name, text) => make('span', {}, make('abbr', { title: name }, name[0]), ' ', make('b', { class: rises ? 'up' : 'down' }, grouped(text, places)));
  const plain = (name, text) => make('span', {}, make('abbr', { title: name }, name === 'Volume' ? 'Vol' : name), ' ', text);
  return [
    make('p', { class: 'moment' }, make('time', { datetime: candle.bucket_start }, `${moment} ${zone}`), ...tagsOf(candle).map(tag)),
    make(
      'p', {},
      price('Open', candle.open), price('High', candle.high), price('Low', candle.low), price('Close', candle.close),
      ...(before ? [make('span', { class: compareDecimals(candle.close, before.close) >= 0 ? 'up' : 'down', title: 'Change from the close before' }, percentChange(before.close, candle.close))] : []),
    ),
    make('p', {}, plain('Volume', grouped(candle.volume)), ...(candle.trade_count ? [plain('Trades', grouped(String(candle.trade_count)))] : []), plain('Source', candle.source)),
  ];
}

/** @param {{text: string, sentence: string}} one */
const tag = ({ text, sentence }) => make('span', { class: 'tag', title: sentence }, text);

function indicatorLine({ label, values }) {
  return make('p', {}, label, ...values.map(({ description, colour, value }) => {
    const text = make('b', { title: description }, value === null ? '–' : statistic(value));
    text.style.color = colour; // through the object model, which the content security policy allows
    return text;
  }));
}
