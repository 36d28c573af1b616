// What is drawn -> the option of an ECharts instance, and its tooltip. No dependency but the DOM.
import { exactNumber, utcMinute } from './presentation.js';

export const UP = '#1f9d7a';
export const DOWN = '#e0524d';

const rises = candle => Number(candle.close_exact) >= Number(candle.open_exact);

/** Diagonal stripes in a colour, as an ECharts fill. */
function hatch(color) {
  const tile = document.createElement('canvas');
  tile.width = 6;
  tile.height = 6;
  const pen = tile.getContext('2d');
  pen.strokeStyle = color;
  pen.lineWidth = 1.5;
  pen.beginPath();
  for (const shift of [-6, 0, 6]) {
    pen.moveTo(shift, 6);
    pen.lineTo(shift + 6, 0);
  }
  pen.stroke();
  return { image: tile, repeat: 'repeat' };
}

/** Hollow: not finished. Hatched: partial. Filled: whole. */
function fill(candle, color, hatched) {
  if (!candle.is_final) return 'transparent';
  return candle.is_partial ? hatched : color;
}

function styles(slots) {
  const hatched = { [UP]: hatch(UP), [DOWN]: hatch(DOWN) };
  return slots.map(({ candle }) => {
    if (!candle) return null;
    const color = rises(candle) ? UP : DOWN;
    const body = fill(candle, color, hatched[color]);
    return { color, body };
  });
}

function axisLabel(slots, interval) {
  return value => {
    const index = Number(value); // a category comes back as text
    const time = utcMinute(slots[index].time);
    if (interval === '1d') return time.slice(0, 10);
    return time.endsWith('00:00') || index === 0 ? `${time.slice(11)}\n${time.slice(5, 10)}` : time.slice(11);
  };
}

/** The exact values of a candle as a DOM element: nothing of the data is parsed as HTML. */
export function tooltip({ time, candle }, palette) {
  const box = document.createElement('div');
  box.dataset.test = 'market-candlestick-tooltip';
  box.style.cssText = 'display:grid;grid-template-columns:auto auto;gap:2px 14px;font-variant-numeric:tabular-nums';
  const add = (text, css) => {
    const cell = document.createElement('span');
    cell.textContent = text;
    cell.style.cssText = css;
    box.append(cell);
  };
  add(`${utcMinute(time)} UTC`, 'grid-column:1/3;font-weight:600');
  const values = candle
    ? [
        ['Open', exactNumber(candle.open_exact)],
        ['High', exactNumber(candle.high_exact)],
        ['Low', exactNumber(candle.low_exact)],
        ['Close', exactNumber(candle.close_exact)],
        ['Volume', exactNumber(candle.volume_exact)],
        ['VWAP', exactNumber(candle.vwap_exact)],
        ['Trades', exactNumber(candle.trade_count)],
      ]
    : [['No candle', 'nothing traded, or the feed was away']];
  for (const [name, value] of values) {
    add(name, `color:${palette.secondary}`);
    add(value, 'text-align:right');
  }
  const remarks = candle
    ? [candle.is_final ? null : 'not finished', candle.is_partial ? 'partial' : null].filter(Boolean)
    : [];
  if (remarks.length) add(remarks.join(', '), 'grid-column:1/3;font-style:italic');
  return box;
}

/** The whole option. `palette`: text, secondary, line, background, font. */
export function candleOption({ slots, interval }, palette) {
  const looks = styles(slots);
  const label = { color: palette.secondary, fontFamily: palette.font, fontSize: 11, lineHeight: 14 };
  const line = { lineStyle: { color: palette.line } };
  const times = slots.map((_, index) => index);
  const tag = { backgroundColor: palette.text, color: palette.background, fontFamily: palette.font };
  const axis = { type: 'category', data: times, axisLine: line, axisTick: { show: false } };
  return {
    animation: false,
    backgroundColor: 'transparent',
    textStyle: { fontFamily: palette.font },
    tooltip: {
      trigger: 'axis',
      confine: true,
      transitionDuration: 0,
      backgroundColor: palette.background,
      borderColor: palette.line,
      textStyle: { color: palette.text, fontSize: 12 },
      formatter: series => tooltip(slots[series[0].dataIndex], palette),
    },
    axisPointer: {
      type: 'cross',
      link: [{ xAxisIndex: 'all' }],
      label: tag,
      lineStyle: { color: palette.secondary },
      crossStyle: { color: palette.secondary },
    },
    grid: [
      { left: 12, right: 82, top: 8, bottom: 158 },
      { left: 12, right: 82, height: 62, bottom: 76 },
    ],
    xAxis: [
      { ...axis, axisLabel: { show: false }, axisPointer: { label: { show: false } } },
      {
        ...axis,
        gridIndex: 1,
        name: 'Time (UTC)',
        nameLocation: 'end',
        nameGap: 8,
        nameTextStyle: { ...label, align: 'left', verticalAlign: 'top', padding: [10, 0, 0, 0] },
        axisLabel: { ...label, hideOverlap: true, formatter: axisLabel(slots, interval) },
        axisPointer: { label: { formatter: ({ value }) => utcMinute(slots[value].time) } },
      },
    ],
    yAxis: [
      {
        scale: true,
        position: 'right',
        axisLabel: label,
        splitLine: line,
        axisLine: { show: false },
      },
      {
        gridIndex: 1,
        position: 'right',
        splitNumber: 2,
        axisLabel: { ...label, hideOverlap: true },
        splitLine: { show: false },
        axisLine: { show: false },
      },
    ],
    dataZoom: [
      { type: 'inside', xAxisIndex: [0, 1], minValueSpan: 10 },
      {
        type: 'slider',
        xAxisIndex: [0, 1],
        bottom: 8,
        height: 22,
        left: 12,
        right: 82,
        minValueSpan: 10,
        borderColor: palette.line,
        textStyle: label,
        labelFormatter: index => utcMinute(slots[Math.min(index, slots.length - 1)].time).slice(5),
      },
    ],
    series: [
      {
        name: 'Price',
        type: 'candlestick',
        large: false, // the large mode draws every candle alike
        barMaxWidth: 14,
        data: slots.map(({ candle }, index) =>
          candle
            ? {
                value: [candle.open_exact, candle.close_exact, candle.low_exact, candle.high_exact].map(Number),
                itemStyle: {
                  color: looks[index].body,
                  color0: looks[index].body,
                  borderColor: looks[index].color,
                  borderColor0: looks[index].color,
                },
              }
            : { value: ['-', '-', '-', '-'] },
        ),
      },
      {
        name: 'Volume',
        type: 'bar',
        xAxisIndex: 1,
        yAxisIndex: 1,
        barMaxWidth: 14,
        data: slots.map(({ candle }, index) =>
          candle
            ? {
                value: Number(candle.volume_exact),
                itemStyle: { color: looks[index].body, borderColor: looks[index].color, opacity: 0.7 },
              }
            : '-',
        ),
      },
    ],
  };
}
