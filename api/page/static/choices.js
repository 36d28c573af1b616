// What the reader has chosen, kept in this browser; without storage (private windows), kept until the page is left.

const KEY = 'candlewick.chart';
const DEFAULTS = {
  symbol: '', // the one looked at last
  interval: '1m',
  theme: '', // as the system has it
  zone: 'utc', // or 'browser'
  indicators: ['ema_26'], // names of groups
  forecast: true,
};

function stored() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}');
  } catch {
    return {};
  }
}

const choices = { ...DEFAULTS, ...stored() };

/** @template {keyof typeof DEFAULTS} K @param {K} name @returns {(typeof DEFAULTS)[K]} */
export const chosen = name => choices[name];

/** @template {keyof typeof DEFAULTS} K @param {K} name @param {(typeof DEFAULTS)[K]} value */
export function choose(name, value) {
  choices[name] = value;
  try {
    localStorage.setItem(KEY, JSON.stringify(choices));
  } catch {
    // Nothing to do: the choice holds until the page is left.
  }
}
