// The keys, and the list of them that "?" shows. Keys typed into a field, or with a modifier, are left alone.

import { make } from './elements.js';

/** @typedef {{keys: string[], shown: string, text: string, run: (key: string) => void}} Shortcut */

/**
 * Whether a key is meant for what has the focus. What a closed dialog holds has it until the next frame.
 * @param {Element} target
 */
const isTyping = target => !target.closest('dialog:not([open])') && Boolean(target.closest('input, select, textarea, dialog'));

/** @param {Shortcut[]} shortcuts */
export function listenToKeys(shortcuts) {
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target instanceof Element && isTyping(event.target)) return;
    const shortcut = shortcuts.find(one => one.keys.includes(event.key));
    if (!shortcut) return;
    event.preventDefault();
    shortcut.run(event.key);
  });
}

/** @param {HTMLElement} list @param {Shortcut[]} shortcuts */
export function listShortcuts(list, shortcuts) {
  list.replaceChildren(...shortcuts.flatMap(({ shown, text }) => [make('dt', {}, make('kbd', {}, shown)), make('dd', {}, text)]));
}
