// What kind of prices these are, in words: nobody may take an invented or an old price for the market's.

import { ageText, seconds } from './times.js';

/** Older than this, in seconds, a price of a live source is called delayed. */
export const DELAYED_AFTER = 180;

const KINDS = {
  simulated: { text: 'Simulated', sentence: 'Invented prices: not a market.' },
  replay: { text: 'Replayed', sentence: 'Recorded prices, published again.' },
  history: { text: 'History', sentence: 'Past prices, loaded afterwards. None come in now.' },
};

/**
 * @param {string | undefined} kind of the source
 * @param {number | null} age of the newest price, in seconds
 * @returns {{text: string, tone: string, sentence: string}}
 */
export function badgeOf(kind, age) {
  if (KINDS[kind]) return { ...KINDS[kind], tone: kind };
  if (kind !== 'live') return { text: 'Unknown source', tone: 'unknown', sentence: 'The source of these prices is not registered.' };
  if (age === null) return { text: 'No price', tone: 'unknown', sentence: 'No price has come in yet.' };
  if (age <= DELAYED_AFTER) return { text: 'Live', tone: 'live', sentence: 'Real prices, as they come in.' };
  return { text: `Delayed · ${ageText(age)}`, tone: 'delayed', sentence: `Real prices; the newest is ${ageText(age)} old.` };
}

const REASONS = {
  sequence: 'the venue counted trades that did not arrive',
  silence: 'the feed told nothing while the venue was open',
  missing_candles: 'candles are missing',
};

/** @param {string} reason */
export const gapText = reason => `Gap: ${REASONS[reason] ?? reason}`;

/**
 * What a candle is beside its prices, in words.
 * @param {{is_final: boolean, is_partial: boolean, origin: string}} candle
 */
export const tagsOf = candle => [
  ...(candle.is_final ? [] : [{ text: 'unfinished', sentence: 'Its time is not over: it still changes.' }]),
  ...(candle.is_partial ? [{ text: 'partial', sentence: 'The feed began or broke inside it: something may be missing.' }] : []),
  ...(candle.origin === 'backfill' ? [{ text: 'backfilled', sentence: 'Loaded afterwards from the provider.' }] : []),
];

const CONNECTION = {
  connecting: 'Connecting …',
  connected: 'Connected: prices as they come in',
  reconnecting: 'Reconnecting … meanwhile prices every 2 s',
};

/**
 * How prices come in, in words.
 * @param {import('./live.js').ConnectionState} state
 * @param {Map<string, string>} late channels that are not up to date, and why
 */
export function connectionText(state, late) {
  if (state !== 'connected' || !late.size) return CONNECTION[state];
  return `Connected; behind are ${[...late.keys()].join(' and ')}: ${[...new Set(late.values())].join(' ')}`;
}

/**
 * "Forecast by ridge, 90 % interval, data until 2026-01-05 14:30".
 * @param {import('./forecast.js').ForecastRow[]} rows of one model and training
 * @param {import('./times.js').Clock} clock
 */
export function forecastText([row], clock) {
  const by = row.model === 'naive' ? 'No model beats the last close: naive forecast' : `Forecast by ${row.model}`;
  return `${by}, ${Math.round(row.confidence * 100)} % interval, data until ${clock.moment(seconds(row.trained_until))}`;
}
