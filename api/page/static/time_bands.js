// Spans of time shaded behind the candles: where data is missing.

/** Where a time is on the axis; between candles, at the next one. */
function coordinate(chart, time) {
  const scale = chart.timeScale();
  const index = scale.timeToIndex(time, true);
  return index === null ? null : scale.logicalToCoordinate(index);
}

/** A primitive of Lightweight Charts, attached to the candles. */
export class TimeBands {
  constructor() {
    /** @type {import('./candles.js').Band[]} */
    this.bands = [];
    this.colour = '';
    this.views = [{ zOrder: () => /** @type {const} */ ('bottom'), renderer: () => ({ draw: target => this.draw(target) }) }];
  }

  attached({ chart, requestUpdate }) {
    this.chart = chart;
    this.requestUpdate = requestUpdate;
  }

  paneViews() {
    return this.views;
  }

  /** @param {import('./candles.js').Band[]} bands */
  setBands(bands) {
    this.bands = bands;
    this.requestUpdate?.();
  }

  /** @param {string} colour */
  setColour(colour) {
    this.colour = colour;
    this.requestUpdate?.();
  }

  /** @param {number} time @returns {import('./candles.js').Band[]} */
  at(time, length) {
    return this.bands.filter(band => band.from < time + length && band.to > time);
  }

  draw(target) {
    const spacing = this.chart.options().timeScale.barSpacing;
    target.useBitmapCoordinateSpace(({ context, bitmapSize, horizontalPixelRatio }) => {
      context.fillStyle = this.colour;
      for (const { from, to } of this.bands) {
        const [left, right] = [coordinate(this.chart, from), coordinate(this.chart, to)];
        if (left === null || right === null) continue;
        const width = Math.max(right - left, 4);
        context.fillRect((left - spacing / 2) * horizontalPixelRatio, 0, width * horizontalPixelRatio, bitmapSize.height);
      }
    });
  }
}
