// What stands where the chart would be when there is nothing to draw: what is the matter, and what to do.

import { make } from './elements.js';

/**
 * @param {HTMLElement} element
 * @param {{title: string, text: string, actions?: {label: string, run: () => void}[]}} notice
 */
export function showNotice(element, { title, text, actions = [] }) {
  element.replaceChildren(
    make('h2', {}, title),
    make('p', {}, text),
    ...(actions.length ? [make('p', { class: 'actions' }, ...actions.map(({ label, run }) => make('button', { type: 'button', onclick: run }, label)))] : []),
  );
  element.hidden = false;
}

/** @param {HTMLElement} element */
export function hideNotice(element) {
  element.hidden = true;
  element.replaceChildren();
}
