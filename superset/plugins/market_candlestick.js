// The chart type `market_candlestick`: candles and volume of one symbol, one row of the query a candle.
import * as echarts from './echarts.js';
import { candleOption, DOWN, UP } from './candle_option.js';
import { candleSeries } from './candle_series.js';
import { exactNumber, kindOf, utcMinute } from './presentation.js';
import { buildQueryContext, ChartMetadata, ChartPlugin, element, React } from './superset.js';

const COLUMNS = [
  'symbol', 'interval', 'bucket_start', 'source_kind', 'open_exact', 'high_exact', 'low_exact', 'close_exact',
  'volume_exact', 'vwap_exact', 'trade_count', 'is_final', 'is_partial',
];
const HEADER_HEIGHT = 34;

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
    line: theme?.colorSplit ?? '#e5e5e5',
    background: theme?.colorBgElevated ?? '#fff',
    font: theme?.fontFamily ?? 'sans-serif',
  },
});

function Header({ series, palette }) {
  const { symbol, symbols, interval, kind, gaps, slots } = series;
  const last = slots.at(-1).candle;
  const badge = kindOf(kind);
  const color = Number(last.close_exact) >= Number(last.open_exact) ? UP : DOWN;
  const notes = [
    symbols.length > 1
      ? `${symbols.length} symbols are selected; this chart shows one at a time. Choose one in the filter.`
      : null,
    gaps ? `${gaps} ${gaps === 1 ? 'gap' : 'gaps'} without candles` : null,
    '▯ hollow: not finished',
    '▨ hatched: partial, the feed began or broke inside it',
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
      'span',
      {
        'data-test': 'market-candlestick-notes',
        title: notes.join(' · '),
        style: { marginLeft: 'auto', fontSize: 12, color: palette.secondary, overflow: 'hidden', textOverflow: 'ellipsis' },
      },
      notes.join('  ·  '),
    ),
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
