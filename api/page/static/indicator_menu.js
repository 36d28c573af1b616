// The dialog in which indicators and the forecast are chosen.

import { choose, chosen } from './choices.js';
import { byId, make } from './elements.js';
import { groupsOf, isOverlay } from './indicator_groups.js';
import { get } from './rest.js';

export class IndicatorMenu {
  /** @param {{indicators: (groups: import('./indicator_groups.js').Group[]) => void, forecast: () => void}} on */
  constructor(on) {
    this.on = on;
    /** @type {import('./indicator_groups.js').Group[]} */
    this.groups = [];
    const forecast = byId('forecast-choice');
    forecast.checked = chosen('forecast');
    forecast.onchange = () => { choose('forecast', forecast.checked); on.forecast(); };
  }

  /** Ask for the catalogue, once. */
  async load() {
    if (this.groups.length) return;
    const { stored } = await get('/indicators');
    this.groups = groupsOf(stored);
    byId('overlays').replaceChildren(...this.groups.filter(isOverlay).map(group => this.choice(group)));
    byId('panes').replaceChildren(...this.groups.filter(group => !isOverlay(group)).map(group => this.choice(group)));
  }

  get chosen() {
    return this.groups.filter(group => chosen('indicators').includes(group.key));
  }

  /** @param {import('./indicator_groups.js').Group} group */
  choice(group) {
    const box = make('input', {
      type: 'checkbox', value: group.key, checked: chosen('indicators').includes(group.key),
      onchange: event => {
        const others = chosen('indicators').filter(key => key !== group.key);
        choose('indicators', event.target.checked ? [...others, group.key] : others);
        this.on.indicators(this.chosen);
      },
    });
    return make('label', { title: group.values.map(value => value.description).join('; ') }, box, ` ${group.label}`);
  }
}
