// Chosen indicators on the chart: over the candles, or in panes below.

import { HistogramSeries, LineSeries } from './vendor/lightweight-charts.js';
import { isOverlay } from './indicator_groups.js';
import { seconds } from './times.js';

const MAIN_PANE_SHARE = 3; // as high as so many other panes

/** @typedef {{group: import('./indicator_groups.js').Group, series: Map<string, any>, colours: string[]}} Shown */

export class Indicators {
  /** @param {import('./chart.js').PriceChart} chart */
  constructor(chart) {
    this.chart = chart;
    /** @type {Map<string, Shown>} */
    this.shown = new Map();
    /** @type {Map<string, Map<number, number | null>>} by name, then time */
    this.values = new Map();
  }

  /** The names whose values are needed. */
  get names() {
    return [...this.shown.values()].flatMap(({ group }) => group.values.map(value => value.name));
  }

  /**
   * Show these groups and no others.
   * @param {import('./indicator_groups.js').Group[]} groups
   * @param {import('./theme.js').Palette} colours
   */
  choose(groups, colours) {
    for (const [key, { series }] of this.shown) {
      if (groups.some(group => group.key === key)) continue;
      series.forEach(one => this.chart.api.removeSeries(one));
      this.shown.delete(key);
    }
    for (const group of groups) if (!this.shown.has(group.key)) this.shown.set(group.key, { group, series: this.addSeries(group), colours: [] });
    this.setColours(colours);
    this.chart.api.panes().forEach((pane, index) => pane.setStretchFactor(index === 0 ? MAIN_PANE_SHARE : 1));
    this.draw();
  }

  /** @param {import('./indicator_groups.js').Group} group */
  addSeries(group) {
    const { api } = this.chart;
    const pane = isOverlay(group) ? 0 : api.panes().length;
    return new Map(group.values.map(({ name }) => {
      const histogram = name.endsWith('histogram');
      const series = api.addSeries(histogram ? HistogramSeries : LineSeries, {
        priceLineVisible: false, lastValueVisible: !isOverlay(group) && !histogram, crosshairMarkerVisible: false,
        ...(histogram ? {} : { lineWidth: name.startsWith('bollinger') ? 1 : 2 }),
        ...(isOverlay(group) ? {} : { priceFormat: { type: 'custom', minMove: 1e-8, formatter: paneNumber } }),
      }, pane);
      return [name, series];
    }));
  }

  /** @param {import('./theme.js').Palette} colours */
  setColours(colours) {
    let next = 0;
    for (const shown of this.shown.values()) {
      // Bands are one thing and have one colour; lines that are compared have one each.
      const own = shown.group.key === 'bollinger' ? [next] : shown.group.values.map((_, index) => next + index);
      next += own.length;
      shown.colours = shown.group.values.map((_, index) => colours.series[own[index % own.length] % colours.series.length]);
      [...shown.series.values()].forEach((series, index) => series.applyOptions({ color: shown.colours[index] }));
    }
  }

  /** Take the API's values. @param {{name: string, values: {bucket_start: string, value: number | null}[]}[]} indicators */
  merge(indicators) {
    for (const { name, values } of indicators) {
      const known = this.values.get(name) ?? new Map();
      for (const { bucket_start: start, value } of values) known.set(seconds(start), value);
      this.values.set(name, known);
    }
    this.draw();
  }

  forget() {
    this.values.clear();
    this.draw();
  }

  draw() {
    for (const { series } of this.shown.values()) {
      for (const [name, one] of series) {
        const points = [...(this.values.get(name) ?? [])].sort(([a], [b]) => a - b);
        one.setData(points.map(([time, value]) => (value === null ? { time } : { time, value })));
      }
    }
  }

  /** Labels, colours and values at a time. @param {number} time */
  at(time) {
    return [...this.shown.values()].map(({ group, colours }) => ({
      label: group.label,
      values: group.values.map(({ name, description }, index) => ({ description, colour: colours[index], value: this.values.get(name)?.get(time) ?? null })),
    }));
  }
}

const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 2 });

/** Short, for a narrow axis. @param {number} value */
function paneNumber(value) {
  if (Math.abs(value) >= 10_000) return compact.format(value);
  return value === 0 || Math.abs(value) >= 0.1 ? value.toFixed(2) : value.toPrecision(2);
}
