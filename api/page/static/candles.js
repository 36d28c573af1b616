// The candles of one symbol and interval in the page's memory, and how ticks move the newest one.

import { larger, smaller } from './numbers.js';
import { bucketFrom, bucketOf, INTERVALS, seconds } from './times.js';

/**
 * @typedef {object} Candle as the API gives it; prices and volume are exact decimals in text
 * @property {string} bucket_start
 * @property {string} open
 * @property {string} high
 * @property {string} low
 * @property {string} close
 * @property {string} volume
 * @property {string | null} vwap
 * @property {number} trade_count
 * @property {boolean} is_final
 * @property {boolean} is_partial
 * @property {number} revision
 * @property {string} origin
 * @property {string} source
 *
 * @typedef {Candle & {time: number}} TimedCandle with its start in seconds since the epoch
 * @typedef {{event_time: string, price: string, seen: number}} Tick `seen` by our clock, in milliseconds
 */

/** Within so many milliseconds of a tick, the job has it in its candle: then the candle alone counts. */
export const TICK_COUNTS_FOR = 2500;

/** Candles in order of time, one a bucket, each in its highest revision. */
export class Candles {
  /** @param {string} interval */
  constructor(interval) {
    this.interval = interval;
    /** @type {TimedCandle[]} */
    this.list = [];
  }

  get first() { return this.list[0]; }

  get last() { return this.list[this.list.length - 1]; }

  /** The newest finished candle: what comes after it may still change. */
  get lastFinal() { return this.list.findLast(candle => candle.is_final); }

  /** @param {number} time @returns {TimedCandle | undefined} */
  at(time) {
    const index = this.indexOf(time);
    return this.list[index]?.time === time ? this.list[index] : undefined;
  }

  /** The index of the first candle that does not begin before `time`. @param {number} time */
  indexOf(time) {
    let [low, high] = [0, this.list.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.list[middle].time < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * Take what is new in `rows`, in any order; the times of the candles that changed.
   * @param {Candle[]} rows
   * @returns {number[]}
   */
  merge(rows) {
    const changed = [];
    for (const row of rows) {
      const candle = { ...row, time: seconds(row.bucket_start) };
      const index = this.indexOf(candle.time);
      const present = this.list[index]?.time === candle.time ? this.list[index] : undefined;
      if (present && !replaces(candle, present)) continue;
      this.list.splice(index, present ? 1 : 0, candle);
      changed.push(candle.time);
    }
    return changed;
  }
}

/** @param {Candle} candle @param {Candle} present */
const replaces = (candle, present) =>
  candle.revision > present.revision ||
  (candle.revision === present.revision && candle.is_final && !present.is_final) ||
  candle.origin !== present.origin;

/**
 * The newest candle as it looks after a tick that it may not contain yet: the price moves at once, the rest follows.
 * A tick of a later bucket begins a candle, unfinished and without volume; a day and a week are the venue's to begin,
 * and a tick after the UTC end of their label may be of the next one: the job's candle tells.
 * @param {TimedCandle | undefined} candle
 * @param {Tick | undefined} tick
 * @param {string} interval
 * @param {number} now in milliseconds
 * @returns {TimedCandle | undefined}
 */
export function withTick(candle, tick, interval, now) {
  if (!candle || !tick || now - tick.seen > TICK_COUNTS_FOR) return candle;
  const time = seconds(tick.event_time);
  const bucket = bucketOf(time, interval) ?? (time < candle.time + INTERVALS[interval] ? candle.time : -Infinity);
  if (bucket < candle.time || (bucket === candle.time && candle.is_final)) return candle;
  const { price } = tick;
  if (bucket === candle.time) {
    return { ...candle, close: price, high: larger(candle.high, price), low: smaller(candle.low, price) };
  }
  return {
    ...candle, time: bucket, bucket_start: new Date(bucket * 1000).toISOString(), revision: 0, trade_count: 0,
    open: price, high: price, low: price, close: price, volume: '0', vwap: null, is_final: false, is_partial: false,
  };
}

/**
 * @typedef {{started_at: string, ended_at: string | null, reason: string}} Gap
 * @typedef {{from: number, to: number, reason: string}} Band in seconds since the epoch
 */

/**
 * Gaps as spans of the chart's time; one that lasts goes on until `now`.
 * @param {Gap[]} gaps
 * @param {number} now in seconds
 * @returns {Band[]}
 */
export const bandsOf = (gaps, now) =>
  gaps.map(gap => ({ from: seconds(gap.started_at), to: gap.ended_at ? seconds(gap.ended_at) : now, reason: gap.reason }));

/**
 * Starts of the buckets within gaps that have no candle: room for them, so that a gap is as wide as it was long.
 * A gap of more than `most` buckets gets none: nobody scrolls through a month of nothing.
 * @param {Candles} candles
 * @param {Band[]} bands
 * @returns {number[]}
 */
export function emptyBuckets(candles, bands, most = 300) {
  const length = INTERVALS[candles.interval];
  const empty = new Set();
  for (const { from, to } of bands) {
    const begin = Math.max(bucketFrom(from, candles.interval), candles.first?.time ?? Infinity);
    const end = Math.min(to, candles.last?.time ?? 0);
    if ((end - begin) / length > most) continue;
    for (let time = begin; time < end; time += length) if (!candles.at(time)) empty.add(time);
  }
  return [...empty].sort((a, b) => a - b);
}
