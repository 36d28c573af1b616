// Where the read API shows the chart of one symbol. No dependency: runs in a browser and in Node.

/**
 * @param {{readApi: {host: string, port: number}, page: {hostname: string}, symbol: string, interval: string}} of
 *   `host` is empty where the read API is at every address of the machine: then it is where this page is
 */
export function chartAddress({ readApi, page, symbol, interval }) {
  // A symbol may hold "/", which divides a path, and in a table that others write whatever text there is.
  const path = symbol.split('/').map(encodeURIComponent).join('/');
  return `http://${readApi.host || page.hostname}:${readApi.port}/dashboard/${path}?interval=${encodeURIComponent(interval)}`;
}
