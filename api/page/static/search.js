// The symbol search: a combobox over the API's assets, as the ARIA practices describe it.

import { make } from './elements.js';
import { get } from './rest.js';

const WAIT = 150; // milliseconds after the last key
const MOST = 30;

export class Search {
  /**
   * @param {HTMLInputElement} input
   * @param {HTMLElement} list
   * @param {(symbol: string) => void} open
   * @param {(error: Error) => void} failed
   */
  constructor(input, list, open, failed) {
    this.input = input;
    this.list = list;
    this.open = open;
    this.failed = failed;
    this.assets = [];
    this.active = -1;
    input.addEventListener('input', () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.find(), WAIT);
    });
    input.addEventListener('focus', () => this.find());
    input.addEventListener('blur', () => this.close());
    input.addEventListener('keydown', event => this.key(event));
  }

  async find() {
    this.latest?.abort();
    const { signal } = (this.latest = new AbortController());
    try {
      const { assets } = await get('/assets', { query: this.input.value.trim() || null, limit: MOST }, signal);
      if (document.activeElement === this.input) this.show(assets.filter(asset => !asset.deleted_at));
    } catch (error) {
      if (!signal.aborted) this.failed(error);
    }
  }

  /** @param {{symbol: string, name: string | null, source_kind: string}[]} assets */
  show(assets) {
    this.assets = assets;
    const rows = assets.map((asset, index) => make(
      'li', {
        id: `result-${index}`, role: 'option', 'aria-selected': 'false',
        onmousedown: event => { event.preventDefault(); this.take(index); },
      },
      make('b', {}, asset.symbol), make('span', {}, asset.name ?? ''), make('small', {}, asset.source_kind),
    ));
    const none = make('li', { class: 'none', role: 'option', 'aria-disabled': 'true', 'aria-selected': 'false' }, 'No such symbol is followed. The producer’s POST /symbols adds one.');
    this.list.replaceChildren(...(rows.length ? rows : [none]));
    this.list.hidden = false;
    this.input.setAttribute('aria-expanded', 'true');
    this.mark(rows.length ? 0 : -1);
  }

  /** @param {number} index */
  mark(index) {
    this.active = index;
    [...this.list.children].forEach((row, at) => row.setAttribute('aria-selected', String(at === index)));
    if (index < 0) return this.input.removeAttribute('aria-activedescendant');
    this.input.setAttribute('aria-activedescendant', `result-${index}`);
    return this.list.children[index].scrollIntoView({ block: 'nearest' });
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.assets.length) {
      event.preventDefault();
      this.mark((this.active + step + this.assets.length) % this.assets.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      if (this.active >= 0 && !this.list.hidden) this.take(this.active);
    } else if (event.key === 'Escape') {
      this.input.blur();
    }
  }

  /** @param {number} index */
  take(index) {
    const { symbol } = this.assets[index];
    this.input.blur();
    this.open(symbol);
  }

  close() {
    this.latest?.abort();
    clearTimeout(this.timer);
    this.input.value = '';
    this.assets = [];
    this.list.hidden = true;
    this.input.setAttribute('aria-expanded', 'false');
    this.mark(-1);
  }
}
