// Which of the catalogue's values are shown together: the three of MACD in one pane, the three Bollinger bands at once.

/**
 * @typedef {{name: string, unit: string, description: string}} Value
 * @typedef {{key: string, label: string, unit: string, values: Value[]}} Group
 */

const LABELS = {
  sma: 'SMA', ema: 'EMA', rsi: 'RSI', macd: 'MACD', atr: 'ATR', obv: 'OBV', vwap: 'VWAP of the day',
  bollinger: 'Bollinger bands', stochastic: 'Stochastic', realised: 'Realised volatility',
};

/** "sma_20" -> ["sma_20", "SMA 20"], "macd_signal" -> ["macd", "MACD"]: a parameter alone makes another indicator. */
function nameOf(value) {
  const [first, ...rest] = value.name.split('_');
  const label = LABELS[first] ?? first;
  const parameterAlone = rest.length === 1 && /^\d+$/.test(rest[0]);
  return parameterAlone ? [value.name, `${label} ${rest[0]}`] : [first, label];
}

/**
 * @param {Value[]} catalogue
 * @returns {Group[]} in the catalogue's order
 */
export function groupsOf(catalogue) {
  /** @type {Map<string, Group>} */
  const groups = new Map();
  for (const value of catalogue) {
    const [key, label] = nameOf(value);
    const group = groups.get(key) ?? { key, label, unit: value.unit, values: [] };
    group.values.push(value);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** Whether it is drawn over the candles: prices are, everything else has a pane of its own. @param {Group} group */
export const isOverlay = group => group.unit === 'price';
