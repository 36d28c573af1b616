// Times: the API's text, the chart's seconds since the epoch (UTC), and what people read.

/** Lengths in seconds of the intervals that are offered: those that are followed live. */
export const INTERVALS = { '1m': 60, '5m': 300, '15m': 900, '30m': 1800, '1h': 3600, '4h': 14_400, '1d': 86_400, '1w': 604_800 };

/** Those of them that the job makes, and so forecasts; of the others the API makes candles and indicators. */
export const STORED = ['1m', '5m', '15m', '1h', '1d'];

const MONDAY = 4 * 86_400; // of the epoch's week: weeks are counted from it, minutes and hours from the epoch

/**
 * Whole seconds since the epoch of an RFC 3339 time.
 * @param {string} text
 */
export const seconds = text => Math.floor(Date.parse(text) / 1000);

/**
 * "2026-01-05T14:30:00Z" of seconds since the epoch: how the API takes times.
 * @param {number} time
 */
export const rfc3339 = time => new Date(time * 1000).toISOString().replace('.000Z', 'Z');

/** The browser's time zone, such as "Asia/Tokyo". */
export const browserZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';

/**
 * When the bucket begins that a time is in; null for days and weeks, whose sessions only the venue knows.
 * @param {number} time
 * @param {string} interval
 */
export function bucketOf(time, interval) {
  const length = INTERVALS[interval];
  return length < INTERVALS['1d'] ? Math.floor(time / length) * length : null;
}

/**
 * When the first bucket begins that does not begin before a time.
 * @param {number} time
 * @param {string} interval
 */
export function bucketFrom(time, interval) {
  const length = INTERVALS[interval];
  const origin = length < INTERVALS['1d'] ? 0 : MONDAY;
  return origin + Math.ceil((time - origin) / length) * length;
}

/** Writes times of one zone; the label of a trading day is a date wherever the reader is. */
export class Clock {
  /** @param {string} zone @param {string} interval */
  constructor(zone, interval) {
    this.zone = zone;
    this.daily = INTERVALS[interval] >= INTERVALS['1d'];
    const timeZone = this.daily ? 'UTC' : zone;
    const format = options => new Intl.DateTimeFormat('en-GB', { timeZone, hourCycle: 'h23', ...options });
    this.parts = format({ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' });
    this.month = format({ month: 'short' });
  }

  /** @param {number} time @returns {Record<string, string>} */
  fields(time) {
    const found = Object.fromEntries(this.parts.formatToParts(time * 1000).map(part => [part.type, part.value]));
    return { ...found, date: `${found.year}-${found.month}-${found.day}`, clock: `${found.hour}:${found.minute}` };
  }

  /** "2026-01-05 14:30", or the date alone of a day. @param {number} time */
  moment(time) {
    const { date, clock } = this.fields(time);
    return this.daily ? date : `${date} ${clock}`;
  }

  /**
   * A label under the chart. `weight` is Lightweight Charts' TickMarkType: 0 year, 1 month, 2 day, 3 and 4 times.
   * It goes by UTC, so in another zone what it takes for midnight may be an hour of the day.
   * @param {number} time
   * @param {number} weight
   */
  tick(time, weight) {
    const fields = this.fields(time);
    if (!this.daily && (weight > 2 || fields.clock !== '00:00')) return fields.clock;
    if (weight === 0) return fields.year;
    return weight === 1 ? this.month.format(time * 1000) : String(Number(fields.day));
  }
}

/**
 * An age as people say it: "4 s", "12 min", "3 h", "2 days".
 * @param {number} age in seconds
 */
export function ageText(age) {
  const s = Math.max(0, Math.round(age));
  if (s < 120) return `${s} s`;
  if (s < 7200) return `${Math.round(s / 60)} min`;
  if (s < 172800) return `${Math.round(s / 3600)} h`;
  return `${Math.round(s / 86400)} days`;
}
