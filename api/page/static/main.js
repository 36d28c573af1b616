// The page: which market is shown, and what keeps it up to date.

import { useKey } from './access.js';
import { choose, chosen } from './choices.js';
import { byId, make } from './elements.js';
import { Extras } from './extras.js';
import { IndicatorMenu } from './indicator_menu.js';
import { listenToKeys, listShortcuts } from './keyboard.js';
import { connectionText } from './labels.js';
import { LiveConnection, liveUrl } from './live.js';
import { Market } from './market.js';
import { askForKey, hideNotice, showNotice } from './notice.js';
import { addressOf, firstSymbol, placeOf } from './places.js';
import { Search } from './search.js';
import { shortcutsOf } from './shortcuts.js';
import { onThemeChange, toggleTheme } from './theme.js';
import { INTERVALS } from './times.js';
import { Troubles } from './troubles.js';
import { View } from './view.js';

const POLL_EVERY = 2_000; // milliseconds, while there is no live connection
const REFRESH_EVERY = 30_000; // in any case: gaps, forecasts, and whatever a connection may have lost

const view = new View();
const troubles = new Troubles(byId('troubles'));
/** @type {Market} */
let market;
/** @type {Extras} */
let extras;

const menu = new IndicatorMenu({
  indicators: groups => { view.indicators.choose(groups, view.colours); extras.indicators(market.candles.first?.time ?? 0, market.end); },
  forecast: () => extras.forecast(),
});
const live = new LiveConnection(liveUrl(), {
  message: take,
  state: () => {
    byId('connection').textContent = connectionText(live.state, live.late);
    document.body.dataset.connection = live.state;
    if (live.state === 'connected') refreshAll();
  },
});
view.onBeginning = () => attempt('The past', () => market.older());

/** Show a market, and have the address say so. @param {string} symbol @param {string} interval @param {boolean} [remember] */
async function open(symbol, interval, remember = true) {
  market?.leave();
  const opened = new Market(symbol, interval, (change, from, to) => changed(opened, change, from, to));
  market = opened;
  extras = new Extras(opened, view, (what, error) => troubles.note(what, error));
  troubles.clear();
  choose('symbol', symbol);
  choose('interval', interval);
  if (remember) history.pushState(null, '', addressOf(symbol, interval));
  for (const button of byId('intervals').children) button.setAttribute('aria-pressed', String(button.value === interval));
  view.attach(opened);
  showNotice(byId('notice'), { title: 'Loading …', text: `Candles of ${symbol}, ${interval}` });
  await attempt('Indicators', async () => {
    await menu.load();
    view.indicators.choose(menu.chosen, view.colours);
  });
  await load(opened);
}

/** @param {Market} opened */
async function load(opened) {
  try {
    await opened.begin();
    if (opened !== market) return;
    live.follow(opened.symbol, opened.interval);
    await explain(opened);
  } catch (error) {
    if (opened.gone.signal.aborted) return;
    const unknown = error.status === 404;
    opened.isRefused = unknown || error.status === 401;
    if (opened.isRefused) troubles.clear(); // the notice says it
    if (error.status === 401) return askForKey(byId('notice'), error.message, enter);
    showNotice(byId('notice'), {
      title: unknown ? `${opened.symbol} is not followed` : 'The candles could not be loaded',
      text: error.message,
      actions: unknown ? [{ label: 'Search', run: () => byId('search').focus() }] : [{ label: 'Try again', run: () => load(opened) }],
    });
  }
}

/** @param {string} key that the reader has typed */
function enter(key) {
  useKey(key);
  live.retryNow();
  return start();
}

/** Say what is missing where a market has no candles. @param {Market} opened */
async function explain(opened) {
  if (opened.candles.last) return hideNotice(byId('notice'));
  const intervals = await opened.storedIntervals();
  if (opened !== market || opened.candles.last) return undefined;
  return showNotice(byId('notice'), {
    title: `No ${opened.interval} candles of ${opened.symbol} yet`,
    text: intervals.length ? 'There are others:' : 'They appear here by themselves as soon as its feed tells a price; the producer’s /feeds says how it is.',
    actions: intervals.map(interval => ({ label: `Show ${interval}`, run: () => open(opened.symbol, interval) })),
  });
}

/** @param {Market} of @param {import('./market.js').Change} change @param {number} from @param {number} to */
function changed(of, change, from, to) {
  if (of !== market) return;
  if (change === 'newest') view.later(true);
  else view.drawAll();
  if (change === 'loaded') {
    view.showNewest();
    extras.load(from, to);
  } else if (change === 'older') {
    extras.load(from, to);
  } else {
    extras.followFinals(from, to);
  }
  if (market.candles.last) hideNotice(byId('notice'));
}

/** A message of the live connection. @param {any} message */
function take(message) {
  if (message.type === 'error') troubles.note('Live', new Error(`${message.title}. ${message.detail}`));
  if (!market || message.symbol !== market.symbol) return;
  if (message.type === 'tick') market.takeTick(message);
  if (message.type === 'candle' && message.interval === market.interval) {
    // The first of all is told alone: others may have come with it.
    if (market.candles.last) market.take(message);
    else refresh();
  }
  if (message.type === 'alert') {
    view.alerts.add(message);
    view.drawAlerts();
    byId('announcement').textContent = `Alert: ${message.message}`;
  }
}

/** @param {string} what @param {() => Promise<void>} task */
async function attempt(what, task) {
  const of = market;
  try {
    await task();
    if (of === market) troubles.note(what, null);
  } catch (error) {
    if (of === market && !of?.isRefused && error.name !== 'AbortError') troubles.note(what, error);
  }
}

const refresh = () => market && !market.isRefused && attempt('Candles', () => market.update());

/** What is newest, and all that is drawn beside it. */
async function refreshAll() {
  await refresh();
  if (market?.candles.last) await extras.load(Math.max(market.end - 50 * market.length, 0), market.end);
}

setInterval(() => live.bringsCandles || document.hidden || refresh(), POLL_EVERY);
setInterval(() => document.hidden || refreshAll(), REFRESH_EVERY);
setInterval(() => market && view.later(true), 1_000); // ages grow, and ticks give way to their candles

const intervals = Object.keys(INTERVALS);
const openInterval = interval => open(market.symbol, interval);
byId('intervals').replaceChildren(...intervals.map(interval => make('button', { type: 'button', value: interval, onclick: () => openInterval(interval) }, interval)));
new Search(byId('search'), byId('results'), symbol => open(symbol, market.interval), error => troubles.note('Search', error));

const shortcuts = shortcutsOf(view, openInterval);
listShortcuts(byId('shortcuts'), shortcuts);
listenToKeys(shortcuts);

byId('open-indicators').onclick = () => byId('indicators').showModal();
byId('open-help').onclick = () => byId('help').showModal();
byId('zone').onclick = () => view.switchZone();
byId('theme').onclick = toggleTheme;
for (const dialog of document.querySelectorAll('dialog')) {
  dialog.addEventListener('click', event => event.target === dialog && dialog.close()); // the backdrop is the dialog's own
}
onThemeChange(() => view.recolour());
addEventListener('popstate', () => start());

async function start() {
  const place = placeOf(location);
  try {
    const symbol = place.symbol || (await firstSymbol(chosen('symbol')));
    if (symbol) await open(symbol, place.interval || chosen('interval'), !place.symbol);
    else {
      showNotice(byId('notice'), {
        title: 'No symbol is followed yet', text: 'Start a feed: FEEDS=auto make up. Symbols appear here when it has told the first price.',
        actions: [{ label: 'Try again', run: start }],
      });
    }
  } catch (error) {
    if (error.status === 401) askForKey(byId('notice'), error.message, enter);
    else showNotice(byId('notice'), { title: 'Candlewick cannot be asked', text: error.message, actions: [{ label: 'Try again', run: start }] });
  }
}
start();
