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

/**
 * Ask for an API key, with the API's own sentence of why.
 * @param {HTMLElement} element
 * @param {string} reason
 * @param {(key: string) => void} use
 */
export function askForKey(element, reason, use) {
  const input = /** @type {HTMLInputElement} */ (make('input', { type: 'password', 'aria-label': 'API key', autocomplete: 'off', required: true }));
  const form = make('form', { class: 'actions' }, input, make('button', {}, 'Use this key'));
  form.onsubmit = event => { event.preventDefault(); use(input.value.trim()); };
  showNotice(element, { title: 'An API key is needed', text: reason });
  element.append(form);
  input.focus();
}
