// The chart type `market_candlestick`: candles and volume of one symbol, one row of the query a candle.
import * as echarts from './echarts.js';
import { chartAddress } from './chart_address.js';
import { candleOption, DOWN, UP } from './candle_option.js';
import { candleSeries } from './candle_series.js';
import { exactNumber, kindOf, utcMinute } from './presentation.js';
import { READ_API } from './read_api.js';
import { buildQueryContext, ChartMetadata, ChartPlugin, element, React } from './superset.js';

const COLUMNS = [
  'symbol', 'interval', 'bucket_start', 'source_kind', 'open_exact', 'high_exact', 'low_exact', 'close_exact',
  'volume_exact', 'vwap_exact', 'trade_count', 'is_final', 'is_partial',
];
const HEADER_HEIGHT = 34;
const HATCH = `repeating-linear-gradient(135deg, ${UP} 0 1.5px, transparent 1.5px 4px)`;

const buildQuery = formData =>
  buildQueryContext(formData, base => [
    {
      ...base,
      columns: COLUMNS,
      metrics: undefined, // no aggregation: a candle is a row
      orderby: [['bucket_start', false]], // newest first, so that row_limit drops the oldest
    },
  ]);

const transformProps = ({ width, height, queriesData, theme }) => ({
  width,
  height,
  rows: queriesData[0].data,
  palette: {
    text: theme?.colorText ?? '#333',
    secondary: theme?.colorTextSecondary ?? '#777',
    link: theme?.colorLink ?? '#1d4ed8',
    line: theme?.colorSplit ?? '#e5e5e5',
    background: theme?.colorBgElevated ?? '#fff',
    font: theme?.fontFamily ?? 'sans-serif',
  },
});

/** One entry of the legend: a small candle body and what it means. */
function Swatch({ background, text, title, style }) {
  const body = { width: 8, height: 12, border: `1px solid ${UP}`, background, boxSizing: 'border-box' };
  return element(
    'span',
    { title, style: { ...style, display: 'inline-flex', alignItems: 'center', gap: 5, flexShrink: 0 } },
    element('span', { style: body }),
    text,
  );
}

function Header({ series, palette }) {
  const { symbol, symbols, interval, kind, gaps, slots } = series;
  const last = slots.at(-1).candle;
  const badge = kindOf(kind);
  const small = { fontSize: 12, color: palette.secondary };
  const color = Number(last.close_exact) >= Number(last.open_exact) ? UP : DOWN;
  const notes = [
    symbols.length > 1 ? `one of ${symbols.length} symbols: choose it in the filter` : null,
    gaps ? `${gaps} ${gaps === 1 ? 'gap' : 'gaps'} without candles` : null,
  ].filter(Boolean);
  return element(
    'div',
    {
      style: {
        height: HEADER_HEIGHT, display: 'flex', alignItems: 'center', gap: 12, padding: '0 12px',
        color: palette.text, whiteSpace: 'nowrap', overflow: 'hidden',
      },
    },
    element('strong', { 'data-test': 'market-candlestick-symbol', style: { fontSize: 16 } }, symbol),
    element('span', { style: { color: palette.secondary } }, interval),
    element(
      'span',
      { 'data-test': 'market-candlestick-last', style: { fontSize: 16, color, fontVariantNumeric: 'tabular-nums' } },
      exactNumber(last.close_exact),
    ),
    element(
      'span',
      {
        'data-test': 'market-candlestick-kind',
        title: badge.sentence,
        style: {
          background: badge.color, color: '#fff', borderRadius: 3, padding: '1px 7px', fontSize: 11, fontWeight: 600,
          letterSpacing: '0.04em',
        },
      },
      badge.text,
    ),
    element(
      'a',
      {
        href: chartAddress({ readApi: READ_API, page: window.location, symbol, interval }),
        target: '_blank',
        rel: 'noopener noreferrer',
        title: `${symbol} on a page of its own: candles that move with the ticks, indicators, alerts`,
        style: { fontSize: 12, color: palette.link, textDecoration: 'underline' },
      },
      'Open chart page ↗',
    ),
    element(
      'span',
      {
        'data-test': 'market-candlestick-notes',
        title: notes.join(' · '),
        style: { marginLeft: 'auto', ...small, overflow: 'hidden', textOverflow: 'ellipsis' },
      },
      notes.join('  ·  '),
    ),
    element(Swatch, { background: 'transparent', text: 'not finished', title: 'Its minute still goes on', style: small }),
    element(Swatch, { background: HATCH, text: 'partial', title: 'The feed began or broke inside it', style: small }),
  );
}

function Canvas({ width, height, series, palette }) {
  const host = React.useRef(null);
  const chart = React.useRef(null);
  const shown = React.useRef('');
  React.useEffect(() => {
    chart.current = echarts.init(host.current, null, { renderer: 'canvas', width, height });
    return () => chart.current.dispose();
  }, []);
  React.useEffect(() => {
    chart.current.resize({ width, height });
  }, [width, height]);
  React.useEffect(() => {
    // A refresh keeps the reader's zoom; another symbol or interval begins anew.
    const subject = `${series.symbol} ${series.interval}`;
    chart.current.setOption(candleOption(series, palette), { notMerge: shown.current !== subject });
    shown.current = subject;
  }, [series, palette]);
  return element('div', { ref: host, style: { width, height } });
}

function Candlestick({ width, height, rows, palette }) {
  const series = React.useMemo(() => candleSeries(rows), [rows]);
  const count = series.slots.filter(slot => slot.candle).length;
  const last = series.slots.at(-1);
  return element(
    'div',
    {
      'data-test': 'market-candlestick',
      'data-candles': count,
      'data-symbol': series.symbol,
      'data-interval': series.interval,
      'data-kind': series.kind,
      'data-newest': last && utcMinute(last.time),
      style: { width, height },
    },
    count
      ? [
          element(Header, { key: 'header', series, palette }),
          element(Canvas, { key: 'canvas', width, height: height - HEADER_HEIGHT, series, palette }),
        ]
      : element(
          'p',
          {
            'data-test': 'market-candlestick-empty',
            style: { color: palette.secondary, textAlign: 'center', paddingTop: height / 2 - 20 },
          },
          'No candles in this time range: choose a longer range, another interval or another symbol.',
        ),
  );
}

class CandlestickPlugin extends ChartPlugin {
  constructor() {
    super({
      metadata: new ChartMetadata({
        name: 'Candlestick',
        category: 'Evolution',
        tags: ['Finance', 'Time'],
        description: 'Open, high, low, close and volume of one symbol, digit for digit, over the dataset market_candles',
        thumbnail: '',
        useLegacyApi: false,
        enableNoResults: false, // the chart has a sentence of its own
      }),
      buildQuery,
      transformProps,
      Chart: Candlestick,
      controlPanel: {
        controlPanelSections: [
          { label: 'Query', expanded: true, controlSetRows: [['adhoc_filters'], ['row_limit']] },
        ],
      },
    });
  }
}

new CandlestickPlugin().configure({ key: 'market_candlestick' }).register();
