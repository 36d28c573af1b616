// Addresses of this page: /dashboard/BTC-USD?interval=5m, and which symbol to begin with where none is named.

import { get, inPath } from './rest.js';
import { INTERVALS } from './times.js';

const ROOT = '/dashboard';
const REALITY = ['live', 'simulated', 'replay', 'history']; // what moves comes first

/** @param {{pathname: string, search: string}} address */
export function placeOf({ pathname, search }) {
  const interval = new URLSearchParams(search).get('interval') ?? '';
  const symbol = decodeURIComponent(pathname.slice(ROOT.length).replace(/^\/+/, '')).toUpperCase();
  return { symbol, interval: Object.hasOwn(INTERVALS, interval) ? interval : '' };
}

/** @param {string} symbol @param {string} interval */
export const addressOf = (symbol, interval) => `${ROOT}/${inPath(symbol)}?interval=${interval}`;

/**
 * The symbol looked at last if it is still followed, else the most real one; null where there is none.
 * @param {string} last
 * @returns {Promise<string | null>}
 */
export async function firstSymbol(last) {
  const { assets } = await get('/assets', { limit: 500 });
  const followed = assets.filter(asset => !asset.deleted_at);
  if (followed.some(asset => asset.symbol === last)) return last;
  const rank = asset => REALITY.indexOf(asset.source_kind) + 1 || REALITY.length + 1;
  return followed.sort((a, b) => rank(a) - rank(b))[0]?.symbol ?? null;
}
