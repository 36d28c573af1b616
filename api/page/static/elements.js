// Making and finding elements. Text is always text: nothing from the API is parsed as HTML.

/** @param {string} id @returns {any} */
export const byId = id => document.getElementById(id);

/**
 * @param {string} tag
 * @param {Record<string, any>} attributes `class`, `aria-label`, … or properties such as `onclick`
 * @param {...(Node | string)} children
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element[name] = value;
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children);
  return element;
}
