// What is drawn beside the candles: gaps, alerts, forecasts, indicators. Each may fail alone, and says so.

import { bandsOf } from './candles.js';
import { chosen } from './choices.js';
import { inPath } from './rest.js';
import { rfc3339, STORED } from './times.js';

const MOST = 5_000;
const INDICATORS_AFTER = [0, 3_000]; // milliseconds: the job writes them after their candle

export class Extras {
  /**
   * @param {import('./market.js').Market} market
   * @param {import('./view.js').View} view
   * @param {(what: string, error: Error | null) => void} report an error, or that there is none any more
   */
  constructor(market, view, report) {
    this.market = market;
    this.view = view;
    this.report = report;
    /** The newest finished candle whose indicators have been asked for. @type {number | undefined} */
    this.followedTo = undefined;
  }

  /** Load what there is for a span of time, in seconds; nothing while there are no candles. @param {number} from @param {number} to */
  async load(from, to) {
    if (!this.market.candles.first) return;
    await Promise.all([this.indicators(from, to), this.gaps(), this.alerts(), this.rules(), this.forecast()]);
  }

  /** @param {string} what @param {() => Promise<void>} task */
  async attempt(what, task) {
    try {
      await task();
      this.report(what, null);
    } catch (error) {
      if (!this.market.gone.signal.aborted) this.report(what, error);
    }
  }

  get path() {
    return inPath(this.market.symbol);
  }

  get start() {
    return rfc3339(this.market.candles.first.time);
  }

  /** @param {number} from @param {number} to */
  indicators(from, to) {
    return this.attempt('Indicators', async () => {
      const { names } = this.view.indicators;
      if (!names.length || !this.market.candles.first || to <= from) return;
      const query = { interval: this.market.interval, start: rfc3339(from), end: rfc3339(to), name: names, limit: MOST };
      const { indicators } = await this.market.ask(`/indicators/${this.path}`, query);
      this.view.indicators.merge(indicators);
      this.view.later();
    });
  }

  /** A candle that is finished has indicators a moment later; corrected ones have others. @param {number} from @param {number} to */
  followFinals(from, to) {
    const newest = this.market.candles.lastFinal?.time;
    if (newest === this.followedTo) return;
    this.followedTo = newest;
    const { length, gone } = this.market;
    for (const wait of INDICATORS_AFTER) setTimeout(() => gone.signal.aborted || this.indicators(from - length, to), wait);
  }

  gaps() {
    return this.attempt('Gaps', async () => {
      const { gaps } = await this.market.ask('/gaps', { symbol: this.market.symbol, limit: MOST });
      const bands = bandsOf(gaps, Date.now() / 1000);
      if (JSON.stringify(bands) === JSON.stringify(this.market.bands)) return;
      this.market.bands = bands;
      this.view.drawAll();
    });
  }

  alerts() {
    return this.attempt('Alerts', async () => {
      const events = [];
      let cursor;
      do {
        const page = await this.market.ask('/alert-events', { symbol: this.market.symbol, start: this.start, cursor });
        events.push(...page.alert_events);
        cursor = page.next;
      } while (cursor && events.length < MOST);
      this.view.alerts.setEvents(events);
      this.view.drawAlerts();
      this.view.later();
    });
  }

  rules() {
    return this.attempt('Alert rules', async () => {
      const { alert_rules: rules } = await this.market.ask('/alert-rules', { symbol: this.market.symbol });
      this.view.alerts.drawRules(rules, this.view.colours);
    });
  }

  forecast() {
    return this.attempt('Forecast', async () => {
      if (!chosen('forecast') || !STORED.includes(this.market.interval)) return this.view.drawForecast([]);
      const { forecasts } = await this.market.ask(`/forecasts/${this.path}`, { interval: this.market.interval });
      // It may have been taken off while the answer was on its way.
      return this.view.drawForecast(chosen('forecast') ? forecasts : []);
    });
  }
}
