// What each key does.

import { byId } from './elements.js';
import { toggleTheme } from './theme.js';
import { INTERVALS } from './times.js';

/**
 * @param {import('./view.js').View} view
 * @param {(interval: string) => void} openInterval
 * @returns {import('./keyboard.js').Shortcut[]}
 */
export function shortcutsOf(view, openInterval) {
  const intervals = Object.keys(INTERVALS);
  const numbers = intervals.map((_, index) => String(index + 1));
  return [
    { keys: ['/'], shown: '/', text: 'Search for a symbol', run: () => byId('search').focus() },
    { keys: numbers, shown: `1 – ${numbers.length}`, text: `Interval: ${intervals.join(', ')}`, run: key => openInterval(intervals[numbers.indexOf(key)]) },
    { keys: ['ArrowLeft'], shown: '←', text: 'Back in time', run: () => view.chart.scroll(-0.2) },
    { keys: ['ArrowRight'], shown: '→', text: 'Forward in time', run: () => view.chart.scroll(0.2) },
    { keys: ['End'], shown: 'End', text: 'To the newest candle', run: () => view.chart.toNow() },
    { keys: ['+', '='], shown: '+', text: 'Larger candles', run: () => view.chart.zoom(0.8) },
    { keys: ['-'], shown: '−', text: 'More candles', run: () => view.chart.zoom(1.25) },
    { keys: ['i'], shown: 'i', text: 'Indicators and forecast', run: () => byId('indicators').showModal() },
    { keys: ['z'], shown: 'z', text: 'UTC or the zone of this browser', run: () => view.switchZone() },
    { keys: ['t'], shown: 't', text: 'Light or dark', run: toggleTheme },
    { keys: ['?'], shown: '?', text: 'This list', run: () => byId('help').showModal() },
  ];
}
