// Everything that shows one market: chart, legend, badge, last price, title.

import { Alerts } from './alerts.js';
import { choose, chosen } from './choices.js';
import { PriceChart } from './chart.js';
import { byId } from './elements.js';
import { Forecast } from './forecast.js';
import { Indicators } from './indicators.js';
import { badgeOf, forecastText } from './labels.js';
import { drawLegend } from './legend.js';
import { grouped } from './numbers.js';
import { palette } from './theme.js';
import { browserZone, Clock } from './times.js';

export class View {
  constructor() {
    this.colours = palette();
    /** @type {import('./market.js').Market | undefined} */
    this.market = undefined;
    /** @type {number | null} */
    this.pointedAt = null;
    this.chart = new PriceChart(byId('chart'), this.colours, {
      crosshair: time => { this.pointedAt = time; this.later(); },
      atTheBeginning: () => this.onBeginning?.(),
    });
    this.alerts = new Alerts(this.chart);
    this.forecast = new Forecast(this.chart);
    this.forecast.setColours(this.colours);
    this.indicators = new Indicators(this.chart);
    /** @type {(() => void) | undefined} */
    this.onBeginning = undefined;
  }

  /** Show another market; what was shown of the one before is cleared. @param {import('./market.js').Market} market */
  attach(market) {
    this.market = market;
    this.pointedAt = null;
    this.indicators.forget();
    this.forecast.show([], market.candles);
    this.alerts.setEvents([]);
    this.alerts.drawRules([], this.colours);
    byId('symbol').textContent = market.symbol;
    this.setZone();
    this.drawAll();
  }

  setZone() {
    const zone = chosen('zone') === 'browser' ? browserZone() : 'UTC';
    this.clock = new Clock(zone, this.market.interval);
    this.chart.setClock(this.clock);
    byId('zone').textContent = zone;
    byId('zone-note').textContent = this.clock.daily ? 'Days are the venue’s trading days' : `Times in ${zone}`;
    this.later();
  }

  switchZone() {
    choose('zone', chosen('zone') === 'utc' ? 'browser' : 'utc');
    this.setZone();
  }

  /** After light became dark, or the other way. */
  recolour() {
    this.colours = palette();
    this.chart.setColours(this.colours);
    this.forecast.setColours(this.colours);
    this.indicators.setColours(this.colours);
    this.alerts.drawRules(this.alerts.rules, this.colours);
    this.drawAll();
  }

  drawAll() {
    const { candles, newest, bands } = this.market;
    this.chart.show(candles, newest, bands);
    this.drawAlerts();
    this.later();
  }

  drawAlerts() {
    this.alerts.drawEvents(this.market.candles, this.colours);
  }

  /** @param {import('./forecast.js').ForecastRow[]} rows */
  drawForecast(rows) {
    this.forecast.show(rows, this.market.candles);
    this.later();
  }

  showNewest() {
    this.chart.showNewest(this.market.candles.list.length);
  }

  /** Move the newest candle and write the words, once before the next frame, however many ticks came. */
  later(move = false) {
    this.moves ||= move;
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      const { newest } = this.market;
      if (this.moves && newest) this.chart.move(newest);
      this.moves = false;
      this.drawWords();
    });
  }

  drawWords() {
    const { market, clock } = this;
    const { newest, candles } = market;
    const time = this.pointedAt ?? newest?.time;
    if (time === undefined) byId('legend').replaceChildren();
    else {
      const candle = time === newest?.time ? newest : candles.at(time);
      drawLegend(byId('legend'), {
        candle, before: candles.list[candles.indexOf(time) - 1], places: this.chart.places,
        moment: clock.moment(time), zone: clock.daily ? '' : clock.zone, gaps: this.chart.gaps.at(time, market.length),
        alerts: candle ? this.alerts.within(candle, candles) : [],
        indicators: this.indicators.at(this.pointedAt ?? candles.lastFinal?.time ?? time), forecast: this.forecast.rows.length ? forecastText(this.forecast.rows, clock) : '',
      });
    }
    this.drawHead(newest);
  }

  /** @param {import('./candles.js').TimedCandle | undefined} newest */
  drawHead(newest) {
    const { market } = this;
    const badge = badgeOf(market.sourceKind, market.age);
    const price = newest ? grouped(newest.close, this.chart.places) : '–';
    Object.assign(byId('badge'), { textContent: badge.text, title: badge.sentence, hidden: !market.sourceKind });
    byId('badge').dataset.tone = badge.tone;
    byId('last-price').textContent = price;
    document.title = `${price} ${market.symbol} ${market.interval}${market.sourceKind ? ` (${badge.text.toLowerCase()})` : ''} – Candlewick`;
    byId('chart').setAttribute(
      'aria-label',
      `Candles of ${market.symbol}, ${market.interval}: ${market.candles.list.length} loaded, last price ${price}, ${badge.text}. ${badge.sentence}`,
    );
  }
}
