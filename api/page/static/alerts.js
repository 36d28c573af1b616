// Alerts on the chart: a mark where a rule fired, and a line at each price that a rule waits for.

import { createSeriesMarkers, LineStyle } from './vendor/lightweight-charts.js';
import { grouped } from './numbers.js';
import { seconds } from './times.js';

/**
 * @typedef {{rule_id: number, event_time: string, message: string}} AlertEvent
 * @typedef {{id: number, name: string, kind: string, is_enabled: boolean, parameters: {price?: string}}} AlertRule
 */

export class Alerts {
  /** @param {import('./chart.js').PriceChart} chart */
  constructor(chart) {
    this.chart = chart;
    this.markers = createSeriesMarkers(chart.candles, []);
    /** @type {import('./vendor/lightweight-charts.js').IPriceLine[]} */
    this.lines = [];
    /** @type {AlertEvent[]} */
    this.events = [];
    /** @type {AlertRule[]} */
    this.rules = [];
  }

  /** @param {AlertEvent[]} events */
  setEvents(events) {
    this.events = events;
  }

  /** One that fires now; nothing where it is known. @param {AlertEvent} event */
  add(event) {
    if (this.events.some(known => known.rule_id === event.rule_id && known.event_time === event.event_time)) return;
    this.events = [...this.events, event];
  }

  /**
   * What fired within a candle.
   * @param {import('./candles.js').TimedCandle} candle
   * @param {import('./candles.js').Candles} candles
   */
  within(candle, candles) {
    return this.events.filter(event => candleOf(event, candles)?.time === candle.time);
  }

  /** @param {import('./candles.js').Candles} candles @param {import('./theme.js').Palette} colours */
  drawEvents(candles, colours) {
    const times = new Set(this.events.map(event => candleOf(event, candles)?.time).filter(time => time !== undefined));
    this.markers.setMarkers(
      [...times].sort((a, b) => a - b).map(time => ({ time, position: 'aboveBar', shape: 'arrowDown', color: colours.alert, text: '!' })),
    );
  }

  /** @param {AlertRule[]} rules @param {import('./theme.js').Palette} colours */
  drawRules(rules, colours) {
    this.rules = rules;
    this.lines.forEach(line => this.chart.candles.removePriceLine(line));
    this.lines = rules
      .filter(rule => rule.kind === 'price_cross' && rule.is_enabled && rule.parameters.price)
      .map(rule => this.chart.candles.createPriceLine({
        price: Number(rule.parameters.price), color: colours.alert, lineWidth: 1, lineStyle: LineStyle.Dotted,
        axisLabelVisible: true, title: this.chart.isNarrow ? '' : `alert ${rule.name || grouped(rule.parameters.price)}`, // it would hide the newest candles
      }));
  }
}

/** The candle in which an event is: the last that began before it. */
const candleOf = (event, candles) => candles.list[candles.indexOf(seconds(event.event_time) + 1) - 1];
