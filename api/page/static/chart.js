// The chart itself: candles and volume on Lightweight Charts, its axes, and moving about in it.

import { CandlestickSeries, createChart, CrosshairMode, HistogramSeries } from './vendor/lightweight-charts.js';
import { candlePoint, strongColour, volumePoint } from './candle_paint.js';
import { emptyBuckets } from './candles.js';
import { decimalPlaces, grouped } from './numbers.js';
import { TimeBands } from './time_bands.js';

const MOST_PLACES = 10;
const NEW_VIEW_BARS = 120;
const ROOM_AT_THE_RIGHT = 6; // bars

export class PriceChart {
  /**
   * @param {HTMLElement} element
   * @param {import('./theme.js').Palette} colours
   * @param {{crosshair: (time: number | null) => void, atTheBeginning: () => void}} on
   */
  constructor(element, colours, on) {
    this.isNarrow = element.clientWidth < 640; // pixels
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.api = createChart(element, {
      autoSize: true,
      layout: { attributionLogo: false, fontSize: 12 }, // the footer names TradingView: the logo would need inline style
      crosshair: { mode: CrosshairMode.Normal },
      kineticScroll: { touch: !calm, mouse: false },
      timeScale: { rightOffset: ROOM_AT_THE_RIGHT, secondsVisible: false },
      // Room for the legend, which needs more lines where it is narrow.
      rightPriceScale: { scaleMargins: { top: this.isNarrow ? 0.26 : 0.18, bottom: 0.24 } },
    });
    this.candles = this.api.addSeries(CandlestickSeries);
    this.volume = this.api.addSeries(HistogramSeries, {
      priceScaleId: 'volume', priceFormat: { type: 'volume' }, lastValueVisible: false, priceLineVisible: false,
    });
    this.volume.priceScale().applyOptions({ scaleMargins: { top: 0.82, bottom: 0 } });
    this.gaps = new TimeBands();
    this.candles.attachPrimitive(this.gaps);
    this.last = 0;
    this.setColours(colours);
    this.api.subscribeCrosshairMove(event => on.crosshair(event.time === undefined ? null : Number(event.time)));
    this.api.timeScale().subscribeVisibleLogicalRangeChange(range => range && range.from < 30 && on.atTheBeginning());
  }

  /** @param {import('./theme.js').Palette} colours */
  setColours(colours) {
    this.colours = colours;
    this.api.applyOptions({
      layout: {
        background: { color: colours.background }, textColor: colours.text,
        panes: { separatorColor: colours.line, separatorHoverColor: colours.grid },
      },
      grid: { vertLines: { color: colours.grid }, horzLines: { color: colours.grid } },
      rightPriceScale: { borderColor: colours.line },
      timeScale: { borderColor: colours.line },
    });
    this.gaps.setColour(colours.gap);
  }

  /** @param {import('./times.js').Clock} clock */
  setClock(clock) {
    this.api.applyOptions({
      localization: { locale: 'en-US', timeFormatter: time => clock.moment(time) },
      timeScale: { timeVisible: !clock.daily, tickMarkFormatter: (time, weight) => clock.tick(time, weight) },
    });
  }

  /**
   * Draw all candles anew; `newest` is the last one as the last tick has moved it.
   * @param {import('./candles.js').Candles} candles
   * @param {import('./candles.js').TimedCandle | undefined} newest
   * @param {import('./candles.js').Band[]} bands
   */
  show(candles, newest, bands) {
    const list = newest ? [...candles.list.filter(candle => candle.time < newest.time), newest] : [];
    const empty = emptyBuckets(candles, bands).map(time => ({ time: /** @type {import('./vendor/lightweight-charts.js').UTCTimestamp} */ (time) }));
    const points = [...list.map(candle => candlePoint(candle, this.colours)), ...empty];
    this.setPlaces(list);
    this.candles.setData(points.sort((a, b) => a.time - b.time));
    this.volume.setData(list.map(candle => volumePoint(candle, this.colours)));
    this.gaps.setBands(bands);
    this.last = newest?.time ?? 0;
    if (newest) this.markPrice(newest);
  }

  /** Move or add the newest candle. @param {import('./candles.js').TimedCandle} newest */
  move(newest) {
    if (newest.time < this.last) return;
    this.last = newest.time;
    this.candles.update(candlePoint(newest, this.colours));
    this.volume.update(volumePoint(newest, this.colours));
    this.markPrice(newest);
  }

  /** The line and label of the last price: not in the colour of a hollow candle, which is the background's. */
  markPrice(newest) {
    this.candles.applyOptions({ priceLineColor: strongColour(newest, this.colours) });
  }

  /** The axis has as many decimals as the prices. @param {import('./candles.js').TimedCandle[]} list */
  setPlaces(list) {
    const places = list.slice(-200).flatMap(candle => [candle.open, candle.high, candle.low, candle.close].map(decimalPlaces));
    this.places = Math.min(MOST_PLACES, Math.max(2, ...places));
    const formatter = price => grouped(price.toFixed(this.places), this.places);
    this.candles.applyOptions({ priceFormat: { type: 'custom', minMove: 10 ** -this.places, formatter } });
  }

  /** The newest candles, at a size at which each can be told from its neighbours. @param {number} count of candles */
  showNewest(count) {
    if (!count) return;
    const bars = Math.min(NEW_VIEW_BARS, Math.floor(this.api.timeScale().width() / 7));
    this.api.priceScale('right').applyOptions({ autoScale: true });
    this.api.timeScale().setVisibleLogicalRange({ from: Math.max(count, 40) - bars, to: Math.max(count, 40) + ROOM_AT_THE_RIGHT });
  }

  /** Scroll by a part of what is visible: negative into the past. @param {number} part */
  scroll(part) {
    const range = this.api.timeScale().getVisibleLogicalRange();
    if (!range) return;
    const step = (range.to - range.from) * part;
    this.api.timeScale().setVisibleLogicalRange({ from: range.from + step, to: range.to + step });
  }

  /** Show so many times as many candles, the right edge staying. @param {number} factor */
  zoom(factor) {
    const range = this.api.timeScale().getVisibleLogicalRange();
    if (!range) return;
    const width = Math.min(Math.max((range.to - range.from) * factor, 10), 5000);
    this.api.timeScale().setVisibleLogicalRange({ from: range.to - width, to: range.to });
  }

  toNow() {
    this.api.timeScale().scrollToRealTime();
  }
}
