// Exact decimals as text: they are grouped, compared and padded without ever being binary floats.

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

/** @param {string | null | undefined} text */
function parts(text) {
  const [, sign, whole, fraction] = DECIMAL.exec(String(text)) ?? [];
  return whole === undefined ? null : { sign, whole, fraction: (fraction ?? '').replace(/0+$/, '') };
}

/**
 * How many digits behind the point say something: "1.500" -> 1.
 * @param {string | null | undefined} text
 */
export const decimalPlaces = text => parts(text)?.fraction.length ?? 0;

/**
 * "60123.4500" -> "60,123.45"; with `places`, zeros are added up to so many, and no digit is dropped.
 * @param {string | null | undefined} text
 * @param {number} places
 */
export function grouped(text, places = 0) {
  if (text === null || text === undefined) return '–';
  const number = parts(text);
  if (!number) return String(text);
  const fraction = number.fraction.padEnd(places, '0');
  return number.sign + number.whole.replace(/\B(?=(\d{3})+$)/g, ',') + (fraction ? `.${fraction}` : '');
}

/**
 * Negative where a < b, 0 where equal, positive where a > b; exact.
 * @param {string} a
 * @param {string} b
 */
export function compareDecimals(a, b) {
  const [x, y] = [parts(a), parts(b)];
  if (!x || !y) throw new TypeError(`not a decimal number: ${x ? b : a}`);
  const places = Math.max(x.fraction.length, y.fraction.length);
  const difference = scaled(x, places) - scaled(y, places);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/**
 * @param {{sign: string, whole: string, fraction: string}} number
 * @param {number} places
 */
const scaled = (number, places) => BigInt(number.sign + number.whole + number.fraction.padEnd(places, '0'));

/** @param {string} a @param {string} b */
export const larger = (a, b) => (compareDecimals(a, b) >= 0 ? a : b);

/** @param {string} a @param {string} b */
export const smaller = (a, b) => (compareDecimals(a, b) <= 0 ? a : b);

/**
 * The change from one price to another in percent, signed, for people: "+1.25 %".
 * @param {string} from
 * @param {string} to
 */
export function percentChange(from, to) {
  const percent = (Number(to) / Number(from) - 1) * 100;
  if (!Number.isFinite(percent)) return '–';
  return `${percent < 0 ? '−' : '+'}${Math.abs(percent).toFixed(2)} %`;
}

/**
 * A statistic (a binary float) with six significant digits: 0.000123457, 64,201.5.
 * @param {number} value
 */
export const statistic = value => value.toLocaleString('en-US', { maximumSignificantDigits: 6 });
