// Rows of the query -> what is drawn. No dependency: runs in a browser and in Node.

const SECONDS = { '1m': 60, '5m': 300, '15m': 900, '1h': 3600, '1d': 86400 };
const LONGEST_GAP = 30; // a longer gap is drawn this wide: a closed night must not push the candles aside

/**
 * @param {object[]} rows one per candle, in any order; decimals as text, `bucket_start` in milliseconds UTC
 * @returns {{symbols: string[], symbol: string, interval: string, kind: string, gaps: number, slots: object[]}}
 *   `slots`, oldest first: `{time, candle}`; `candle` is null where the symbol has none. Only the first symbol is taken.
 */
export function candleSeries(rows) {
  const symbols = [...new Set(rows.map(row => row.symbol))].sort();
  const symbol = symbols[0];
  const newest = rows.reduce((a, b) => (a && a.bucket_start >= b.bucket_start ? a : b), null);
  const interval = newest?.interval;
  const candles = rows
    .filter(row => row.symbol === symbol && row.interval === interval)
    .sort((a, b) => a.bucket_start - b.bucket_start);
  return { symbols, symbol, interval, kind: candles.at(-1)?.source_kind, ...withGaps(candles, SECONDS[interval] * 1000) };
}

/** A missing candle is shown as a gap, never invented and never closed up. */
function withGaps(candles, step) {
  const slots = [];
  let gaps = 0;
  let previous = null;
  for (const candle of candles) {
    const missing = previous && step ? Math.round((candle.bucket_start - previous.bucket_start) / step) - 1 : 0;
    if (missing > 0) gaps += 1;
    for (let i = 1; i <= Math.min(missing, LONGEST_GAP); i += 1) {
      slots.push({ time: previous.bucket_start + i * step, candle: null });
    }
    slots.push({ time: candle.bucket_start, candle });
    previous = candle;
  }
  return { slots, gaps };
}
