// Light and dark: the style sheet has the colours, and the chart takes them from there.

import { choose } from './choices.js';

const systemIsDark = matchMedia('(prefers-color-scheme: dark)');

/** @returns {'light' | 'dark'} */
export const currentTheme = () =>
  /** @type {'light' | 'dark'} */ (document.documentElement.dataset.theme) || (systemIsDark.matches ? 'dark' : 'light');

export function toggleTheme() {
  const theme = currentTheme() === 'dark' ? 'light' : 'dark';
  document.documentElement.dataset.theme = theme;
  choose('theme', theme);
  listeners.forEach(listener => listener());
}

/** @type {(() => void)[]} */
const listeners = [];
systemIsDark.addEventListener('change', () => listeners.forEach(listener => listener()));

/** @param {() => void} listener */
export const onThemeChange = listener => listeners.push(listener);

/** The style sheet's colours under the names of its custom properties. */
export function palette() {
  const style = getComputedStyle(document.documentElement);
  const colour = name => style.getPropertyValue(`--${name}`).trim();
  return {
    background: colour('background'), text: colour('text'), muted: colour('muted'), line: colour('line'), grid: colour('grid'),
    up: colour('up'), down: colour('down'), upPale: colour('up-pale'), downPale: colour('down-pale'),
    gap: colour('gap'), alert: colour('alert'), forecast: colour('forecast'), forecastBand: colour('forecast-band'),
    series: [1, 2, 3, 4, 5, 6].map(number => colour(`series-${number}`)),
  };
}

/** @typedef {ReturnType<typeof palette>} Palette */
