// The key for a read API that other machines reach, too: kept until this tab is closed, and sent to it alone.

const NAME = 'candlewick.key';
let present = '';
try {
  present = sessionStorage.getItem(NAME) ?? '';
} catch {
  // No storage: it is asked for on every visit.
}

export const apiKey = () => present;

/** @param {string} key */
export function useKey(key) {
  present = key;
  try {
    sessionStorage.setItem(NAME, key);
  } catch {
    // As above.
  }
}
