// A model's forecast: its prices as a dashed line, and the interval around them as a band.

import { LineSeries, LineStyle } from './vendor/lightweight-charts.js';
import { seconds } from './times.js';

/**
 * @typedef {{bucket_start: string, model: string, price: string, lower: string, upper: string, confidence: number,
 *   trained_until: string}} ForecastRow
 * @typedef {{time: number, price: number, lower: number, upper: number}} ForecastPoint
 */

/**
 * The rows of the newest forecast, in order of time: of one model, and of one training.
 * @param {ForecastRow[]} rows
 * @returns {ForecastRow[]}
 */
export function newestForecast(rows) {
  const [newest] = [...rows].sort((a, b) => seconds(b.trained_until) - seconds(a.trained_until));
  return rows
    .filter(row => row.model === newest.model && row.trained_until === newest.trained_until)
    .sort((a, b) => seconds(a.bucket_start) - seconds(b.bucket_start));
}

export class Forecast {
  /** @param {import('./chart.js').PriceChart} chart */
  constructor(chart) {
    this.line = chart.api.addSeries(LineSeries, {
      lineStyle: LineStyle.Dashed, lineWidth: 2, priceLineVisible: false, lastValueVisible: false, crosshairMarkerVisible: false,
      // The candles' scale already has the room: see Band.autoscaleInfo.
      priceFormat: { type: 'price', precision: 2, minMove: 0.01 },
    });
    this.band = new Band();
    this.line.attachPrimitive(this.band);
    /** @type {ForecastRow[]} */
    this.rows = [];
  }

  /** @param {import('./theme.js').Palette} colours */
  setColours(colours) {
    this.line.applyOptions({ color: colours.forecast });
    this.band.colour = colours.forecastBand;
  }

  /**
   * Show a forecast, beginning at the candle before it; none for an empty list.
   * @param {ForecastRow[]} rows
   * @param {import('./candles.js').Candles} candles
   */
  show(rows, candles) {
    this.rows = rows.length ? newestForecast(rows) : [];
    const points = this.rows.map(row => ({
      time: seconds(row.bucket_start), price: Number(row.price), lower: Number(row.lower), upper: Number(row.upper),
    }));
    const before = points.length ? candles.list[candles.indexOf(points[0].time) - 1] : undefined;
    if (before) {
      const close = Number(before.close);
      points.unshift({ time: before.time, price: close, lower: close, upper: close });
    }
    this.band.points = points;
    this.line.setData(points.map(({ time, price }) => ({ time: /** @type {import('./vendor/lightweight-charts.js').UTCTimestamp} */ (time), value: price })));
  }
}

/** The band between the limits: a primitive of Lightweight Charts. */
class Band {
  constructor() {
    /** @type {ForecastPoint[]} */
    this.points = [];
    this.colour = '';
    this.views = [{ zOrder: () => /** @type {const} */ ('bottom'), renderer: () => ({ draw: target => this.draw(target) }) }];
  }

  attached({ chart, series }) {
    this.chart = chart;
    this.series = series;
  }

  paneViews() {
    return this.views;
  }

  /** Room for the whole band where any of it is in view. */
  autoscaleInfo(from, to) {
    const scale = this.chart.timeScale();
    const seen = this.points.filter(({ time }) => {
      const index = scale.timeToIndex(time, false);
      return index !== null && from <= index && index <= to;
    });
    if (!seen.length) return null;
    return { priceRange: { minValue: Math.min(...seen.map(p => p.lower)), maxValue: Math.max(...seen.map(p => p.upper)) } };
  }

  draw(target) {
    const place = (time, price) => [this.chart.timeScale().timeToCoordinate(time), this.series.priceToCoordinate(price)];
    const outline = [
      ...this.points.map(point => place(point.time, point.upper)),
      ...this.points.map(point => place(point.time, point.lower)).reverse(),
    ];
    if (outline.length < 4 || outline.flat().includes(null)) return;
    target.useMediaCoordinateSpace(({ context }) => {
      context.beginPath();
      for (const [x, y] of outline) context.lineTo(x, y);
      context.closePath();
      context.fillStyle = this.colour;
      context.fill();
    });
  }
}
