// How kinds of data, times and exact numbers are shown. No dependency: runs in a browser and in Node.

/** Text and colour of each kind of data source; only `live` may look like a market. */
export const KINDS = {
  live: { text: 'LIVE', color: '#2e9e6b', sentence: 'Real prices, as they come in.' },
  simulated: { text: 'SIMULATED', color: '#c2410c', sentence: 'Invented prices: not a market.' },
  replay: { text: 'REPLAY', color: '#7c3aed', sentence: 'Recorded prices, published again.' },
  history: { text: 'HISTORY', color: '#475569', sentence: 'Past prices, loaded afterwards.' },
};
export const UNKNOWN_KIND = { text: 'UNKNOWN', color: '#b91c1c', sentence: 'The source is not registered.' };

export const kindOf = kind => KINDS[kind] || UNKNOWN_KIND;

/** Groups the whole part of an exact decimal by thousands and keeps every other digit: "60123.4500" -> "60,123.4500". */
export function exactNumber(text) {
  if (text === null || text === undefined) return '–';
  const [, sign, whole, fraction] = /^(-?)(\d+)(\.\d+)?$/.exec(String(text)) || [];
  if (whole === undefined) return String(text);
  return sign + whole.replace(/\B(?=(\d{3})+$)/g, ',') + (fraction || '');
}

/** "2026-01-31 23:59" in UTC, of milliseconds since the epoch. */
export const utcMinute = milliseconds => new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ');

/** An age in seconds as people say it: "4 s", "12 min", "3 h", "2 days". */
export function age(seconds) {
  if (seconds === null || seconds === undefined || Number.isNaN(Number(seconds))) return 'unknown';
  const s = Math.max(0, Math.round(Number(seconds)));
  if (s < 120) return `${s} s`;
  if (s < 7200) return `${Math.round(s / 60)} min`;
  if (s < 172800) return `${Math.round(s / 3600)} h`;
  return `${Math.round(s / 86400)} days`;
}
