// The read API over HTTP: JSON in, problems (RFC 9457) out as errors with a sentence.

import { apiKey } from './access.js';

const TIMEOUT = 15_000; // milliseconds

/** What the API refused, or why it could not be asked: `message` is a sentence for people. */
export class ApiError extends Error {
  /** @param {string} message @param {number} status 0 where there was no answer */
  constructor(message, status) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
  }
}

/**
 * GET below /api/v1; raises ApiError, or AbortError where `signal` says so. Values of null are left out.
 * @param {string} path such as "/candles/BTC-USD"
 * @param {Record<string, string | number | boolean | string[] | null | undefined>} query
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export async function get(path, query = {}, signal = undefined) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== null && one !== undefined) parameters.append(name, String(one));
  }
  const key = apiKey();
  const headers = { Accept: 'application/json', ...(key ? { 'X-API-Key': key } : {}) };
  const signals = [AbortSignal.timeout(TIMEOUT), ...(signal ? [signal] : [])];
  let answer;
  try {
    answer = await fetch(`/api/v1${path}?${parameters}`, { headers, signal: AbortSignal.any(signals) });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError('Candlewick does not answer. Is it running? `make status` tells; this page tries again by itself.', 0);
  }
  if (!answer.ok) throw new ApiError(await sentence(answer), answer.status);
  return answer.json();
}

/** @param {Response} answer */
async function sentence(answer) {
  try {
    const problem = await answer.json();
    return problem.detail || problem.title || `The API answered with status ${answer.status}.`;
  } catch {
    return `The API answered with status ${answer.status}; its log says more: make logs PROGRAM=api`;
  }
}

/** A symbol in a path: it may hold signs such as "^" or "/". @param {string} symbol */
export const inPath = symbol => symbol.split('/').map(encodeURIComponent).join('/');
