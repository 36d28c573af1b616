// What does not work at the moment, one line each, until it works again.

import { make } from './elements.js';

export class Troubles {
  /** @param {HTMLElement} element a live region */
  constructor(element) {
    this.element = element;
    /** @type {Map<string, string>} */
    this.present = new Map();
  }

  /** @param {string} what @param {Error | null} error null where it works */
  note(what, error) {
    if (this.present.get(what) === error?.message) return;
    if (error) this.present.set(what, error.message);
    else this.present.delete(what);
    this.draw();
  }

  clear() {
    this.present.clear();
    this.draw();
  }

  draw() {
    const sentences = [...new Set(this.present.values())];
    const about = sentence => [...this.present].filter(([, own]) => own === sentence).map(([what]) => what).join(', ');
    this.element.replaceChildren(...sentences.map(sentence => make('p', {}, make('b', {}, `${about(sentence)}: `), sentence)));
  }
}
