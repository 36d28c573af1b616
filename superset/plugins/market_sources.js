// The chart type `market_sources`: one tile per data source that says what kind of data it brings, and how old it is.
import { age, kindOf } from './presentation.js';
import { buildQueryContext, ChartMetadata, ChartPlugin, element } from './superset.js';

const buildQuery = formData =>
  buildQueryContext(formData, base => [
    {
      ...base,
      columns: ['source', 'source_kind', 'source_description'],
      metrics: ['symbol_count', 'symbol_list', 'youngest_update', 'most_prominent'],
      orderby: [['most_prominent', true]],
    },
  ]);

const transformProps = ({ width, height, queriesData, theme }) => ({
  width,
  height,
  rows: queriesData[0].data,
  text: theme?.colorText ?? '#333',
  secondary: theme?.colorTextSecondary ?? '#777',
  line: theme?.colorBorderSecondary ?? '#e5e5e5',
});

function Tile({ row, text, secondary, line }) {
  const kind = kindOf(row.source_kind);
  const symbols = `${row.symbol_count} ${row.symbol_count === 1 ? 'symbol' : 'symbols'}`;
  const clipped = { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' };
  return element(
    'div',
    {
      'data-test': 'market-source',
      'data-source': row.source,
      'data-kind': row.source_kind,
      title: [row.source_description, kind.sentence, row.symbol_list].filter(Boolean).join('\n'),
      style: {
        flex: '1 1 260px', minWidth: 0, maxWidth: 520, border: `1px solid ${line}`, borderLeft: `4px solid ${kind.color}`,
        borderRadius: 4, padding: '6px 12px', boxSizing: 'border-box',
      },
    },
    element(
      'div',
      { style: { display: 'flex', gap: 10, alignItems: 'baseline', color: text } },
      element('strong', { style: { color: kind.color, letterSpacing: '0.04em', fontSize: 12 } }, kind.text),
      element('strong', { style: clipped }, row.source),
      element('span', { style: { color: secondary, marginLeft: 'auto', whiteSpace: 'nowrap' } },
        `${symbols} · ${age(row.youngest_update)} ago`),
    ),
    element('div', { style: { ...clipped, color: secondary, fontSize: 12 } },
      [kind.sentence, row.source_description].filter(Boolean).join(' ')),
  );
}

function Sources({ width, height, rows, text, secondary, line }) {
  return element(
    'div',
    {
      'data-test': 'market-sources',
      'data-sources': rows.length,
      style: { width, height, display: 'flex', flexWrap: 'wrap', gap: 10, alignContent: 'flex-start', overflow: 'auto' },
    },
    rows.length
      ? rows.map(row => element(Tile, { key: `${row.source} ${row.source_kind}`, row, text, secondary, line }))
      : element('p', { 'data-test': 'market-sources-empty', style: { color: secondary } },
          'No candles yet: start a feed, and its source appears here.'),
  );
}

class SourcesPlugin extends ChartPlugin {
  constructor() {
    super({
      metadata: new ChartMetadata({
        name: 'Data sources',
        category: 'KPI',
        tags: ['Finance'],
        description: 'The sources of the data, live, simulated or replayed, over the dataset latest_prices',
        thumbnail: '',
        useLegacyApi: false,
        enableNoResults: false,
      }),
      buildQuery,
      transformProps,
      Chart: Sources,
      controlPanel: { controlPanelSections: [{ label: 'Query', expanded: true, controlSetRows: [['adhoc_filters']] }] },
    });
  }
}

new SourcesPlugin().configure({ key: 'market_sources' }).register();
