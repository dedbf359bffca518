import type { MetricValue } from '../train/metrics/index.ts';

/** What stands where there is no number. */
export const dash = '–';

type MaybeNumber = number | null | undefined;

const isNumber = (value: MaybeNumber): value is number => typeof value === 'number' && Number.isFinite(value);

const minus = (text: string) => text.replace('-', '−');

/**
 * A number as people read it: three decimals below ten, four digits above, powers of ten where very small or large.
 * @example figure(0.97132) // '0.971'
 */
export function figure(value: MaybeNumber): string {
  if (!isNumber(value)) return dash;
  const size = Math.abs(value);
  if (size < 1e-12) return '0.000';
  if (size < 0.0005 || size >= 1e7) {
    const [mantissa, exponent] = value.toExponential(1).split('e');
    return minus(`${mantissa}×10^${Number(exponent)}`);
  }
  if (size < 10) return minus(value.toFixed(3));
  return minus(size < 1000 ? value.toPrecision(4) : Math.round(value).toLocaleString('en-US'));
}

/** A whole number with thousands separated: `3,186`. */
export const whole = (value: MaybeNumber) =>
  isNumber(value) ? minus(Math.round(value).toLocaleString('en-US')) : dash;

/** A count short enough for an axis: `850`, `12k`, `1.5M`. */
export function compact(value: number): string {
  const [divisor, unit] = value >= 1e9 ? [1e9, 'G'] : value >= 1e6 ? [1e6, 'M'] : [1e3, 'k'];
  return value < 1e3 ? whole(value) : `${Number((value / divisor).toPrecision(3))}${unit}`;
}

/** A number as given: whole ones whole, others as `figure` writes them. */
export const plain = (value: MaybeNumber) =>
  Number.isInteger(value) ? whole(value) : figure(value).replace(/\.0+$|(\.\d+?)0+$/, '$1');

/** A share as a percentage: `12.5 %`. */
export const percent = (share: MaybeNumber) => (isNumber(share) ? `${(share * 100).toFixed(1)} %` : dash);

/** The ends of a metric's interval: `0.965–0.977`; a dash where there is none. */
export function bounds({ low, high }: MetricValue): string {
  if (!isNumber(low) || !isNumber(high)) return dash;
  return low < 0 ? `${figure(low)} to ${figure(high)}` : `${figure(low)}–${figure(high)}`;
}

/** A time as people say it: `4.2 s`, `41 s`, `3 min 20 s`, `1 h 05 min`. */
export function duration(seconds: MaybeNumber): string {
  if (!isNumber(seconds)) return dash;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  const minutes = Math.round(s / 60);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** A size in bytes, in powers of 1000 as disks are sold: `1.4 MB`. */
export function bytes(size: MaybeNumber): string {
  if (!isNumber(size)) return dash;
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = size < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(size) / 3));
  return `${power === 0 ? size : (size / 1000 ** power).toFixed(1)} ${units[power]}`;
}

/** The start and the end of a long text: at most `limit` characters. */
export function shorten(text: string, limit: number): string {
  const letters = Array.from(text);
  if (letters.length <= limit) return text;
  const tail = Math.floor((limit - 1) / 3);
  return `${letters.slice(0, limit - 1 - tail).join('')}…${letters.slice(letters.length - tail).join('')}`;
}

/** `1 record`, `2 records`. */
export const counted = (n: number, one: string, many = `${one}s`) => `${whole(n)} ${n === 1 ? one : many}`;
