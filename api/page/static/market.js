// One symbol and interval as the page knows it: loaded from the API, kept up to date, scrolled back in.

import { Candles, withTick } from './candles.js';
import { get, inPath } from './rest.js';
import { INTERVALS, rfc3339, seconds } from './times.js';

export const PAGE = 500; // candles a request
const CORRECTED_FOR = 600; // seconds in which late events still change finished candles
const MOST_PAGES = 20; // of a refresh after a long absence

/** What happened to the candles: all were loaded, the past grew, one moved, or finished ones changed too. */
/** @typedef {'loaded' | 'older' | 'newest' | 'corrected'} Change */

export class Market {
  /**
   * @param {string} symbol
   * @param {string} interval
   * @param {(change: Change, from: number, to: number) => void} changed with the span of time that changed
   */
  constructor(symbol, interval, changed) {
    this.symbol = symbol;
    this.interval = interval;
    this.length = INTERVALS[interval];
    this.changed = changed;
    this.candles = new Candles(interval);
    this.gone = new AbortController();
    /** @type {import('./candles.js').Tick | undefined} */
    this.tick = undefined;
    /** @type {import('./candles.js').Band[]} */
    this.bands = [];
    this.sourceKind = '';
    this.isWhole = false; // there is nothing older
    this.isScrolling = false;
    this.isRefused = false; // the API has no such symbol, or wants a key: asking again is of no use
    /** The question for the newest candles, while it is out: one at a time. @type {Promise<void> | undefined} */
    this.question = undefined;
    /** The one after it, for those who have asked meanwhile. @type {Promise<void> | undefined} */
    this.nextQuestion = undefined;
    /** The newest price's time in seconds, whichever interval or tick told it. @type {number | null} */
    this.newestTime = null;
  }

  /** GET for as long as this market is the one shown. @param {string} path @param {object} query */
  ask(path, query) {
    return get(path, query, this.gone.signal);
  }

  /** @param {object} query */
  async page(query) {
    const page = await this.ask(`/candles/${inPath(this.symbol)}`, { interval: this.interval, limit: PAGE, ...query });
    this.sourceKind = page.source_kind;
    return page;
  }

  /** The first candles: those that are on their way already will do. */
  begin() {
    return this.question ?? this.update();
  }

  /** The newest candles; afterwards what has come since. */
  update() {
    if (this.question) {
      // What there is to ask for may have come after the candles were read for the question that is out.
      this.nextQuestion ??= this.question.finally(() => { this.nextQuestion = undefined; }).then(() => this.update());
      return this.nextQuestion;
    }
    this.question = this.askForNewest().finally(() => { this.question = undefined; });
    return this.question;
  }

  async askForNewest() {
    await (this.candles.last ? this.refresh() : this.load());
    await this.noteAge();
  }

  async load() {
    const { candles } = await this.page({});
    this.candles.merge(candles);
    this.isWhole = candles.length < PAGE;
    this.changed('loaded', this.candles.first?.time ?? 0, this.end);
  }

  /** The page before the oldest candle. */
  async older() {
    if (this.isWhole || this.isScrolling || !this.candles.first) return;
    this.isScrolling = true;
    try {
      const until = this.candles.first.time;
      const { candles } = await this.page({ end: rfc3339(until), order: 'desc' });
      this.isWhole = candles.length < PAGE;
      this.candles.merge(candles);
      if (candles.length) this.changed('older', this.candles.first.time, until);
    } finally {
      this.isScrolling = false;
    }
  }

  /** What has come or changed since the newest finished candle, and a little before it. */
  async refresh() {
    const known = this.candles.lastFinal ?? this.candles.first;
    const start = rfc3339(Math.max(known.time - CORRECTED_FOR, this.candles.first.time));
    const changed = [];
    let cursor;
    for (let pages = 0; pages < MOST_PAGES; pages += 1) {
      const page = await this.page({ start, cursor });
      changed.push(...this.candles.merge(page.candles));
      cursor = page.next;
      if (!cursor) break;
    }
    this.tell(changed);
  }

  /** A candle that came over the live connection. @param {import('./candles.js').Candle} row */
  take(row) {
    this.tell(this.candles.merge([row]));
    if (this.length <= INTERVALS['1m']) this.noteTime(seconds(row.bucket_start) + this.length);
  }

  /**
   * A price that came over the live connection. A late one changes nothing here; one that is later than the job would
   * still accept begins anew: a recording is replayed once more.
   * @param {{event_time: string, price: string | null}} tick
   */
  takeTick({ event_time: time, price }) {
    const late = this.tick ? Date.parse(this.tick.event_time) - Date.parse(time) : 0;
    if (price === null || (late > 0 && late <= CORRECTED_FOR * 1000)) return;
    this.tick = { event_time: time, price, seen: Date.now() };
    this.noteTime(seconds(time));
    if (this.candles.last) this.changed('newest', this.candles.last.time, this.end);
  }

  /** @param {number[]} times of candles that changed */
  tell(times) {
    if (!times.length) return;
    const from = Math.min(...times);
    this.changed(from >= this.candles.last.time ? 'newest' : 'corrected', from, this.end);
  }

  /** The newest candle, as the newest tick has moved it. */
  get newest() {
    return withTick(this.candles.last, this.tick, this.interval, Date.now());
  }

  /** When the last bucket ends, in seconds. */
  get end() {
    return (this.candles.last?.time ?? 0) + this.length;
  }

  /** A long candle does not tell how old its last price is; a minute's does. */
  async noteAge() {
    const { candle } = await this.ask(`/candles/${inPath(this.symbol)}/latest`, { interval: '1m' });
    this.noteTime(candle ? seconds(candle.bucket_start) + 60 : this.end);
  }

  /** @param {number} time */
  noteTime(time) {
    this.newestTime = Math.max(this.newestTime ?? 0, time);
  }

  /** The age of the newest price in seconds; null where there is none. */
  get age() {
    return this.newestTime === null ? null : Math.max(0, Date.now() / 1000 - this.newestTime);
  }

  /** The intervals of which this symbol has candles. */
  async storedIntervals() {
    const found = await Promise.all(Object.keys(INTERVALS).map(async interval => {
      const { candle } = await this.ask(`/candles/${inPath(this.symbol)}/latest`, { interval });
      return candle ? [interval] : [];
    }));
    return found.flat();
  }

  leave() {
    this.gone.abort();
  }
}
