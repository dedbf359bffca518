import { InvalidArgumentError } from 'commander';

/** Parsers of what options are given; they throw what commander reports as wrong usage. */

/** A whole number of at least `min`. */
export const whole =
  (min: number) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= min) return value;
    throw new InvalidArgumentError(`Expected a whole number of at least ${min}.`);
  };

/** A number from `min` on. */
export const number =
  (min: number) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isFinite(value) && value >= min) return value;
    throw new InvalidArgumentError(`Expected a number of at least ${min}.`);
  };

const units: Record<string, number> = { '': 1, K: 1e3, M: 1e6, G: 1e9, T: 1e12 };

/** A size in bytes: `4G`, `500 MB`, `1.5e9`; units are powers of 1000. */
export function size(text: string): number {
  const [, digits, unit] = /^\s*([\d.]+(?:e\d+)?)\s*([KMGT]?)B?\s*$/i.exec(text) ?? [];
  const value = Number(digits) * (units[unit?.toUpperCase() ?? ''] ?? Number.NaN);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('Expected a size such as 4G or 500M.');
}

/** A share between 0 and 1, or the path of a file. */
export function shareOrFile(text: string): number | string {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) return text;
  if (value > 0 && value < 1) return value;
  throw new InvalidArgumentError('Expected a share between 0 and 1, such as 0.2, or the path of a file.');
}

/** Gathers an option that may be repeated. */
export const collect = (text: string, before: string[] | undefined): string[] => [...(before ?? []), text];

/** One of several names, each with the other spellings that people use for it; case does not matter. */
export const named =
  <T extends string>(names: Readonly<Record<T, readonly string[]>>) =>
  (text: string): T => {
    const asked = text.toLowerCase();
    const found = (Object.keys(names) as T[]).find(
      (name) => name.toLowerCase() === asked || names[name].includes(asked),
    );
    if (found !== undefined) return found;
    throw new InvalidArgumentError(`Expected one of ${Object.keys(names).join(', ')}.`);
  };

/** A range of shares, `0.4-0.6`. */
export function shareRange(text: string): { min: number; max: number } {
  const [, low, high] = /^\s*(\d*\.?\d+)\s*[-–:]\s*(\d*\.?\d+)\s*$/.exec(text) ?? [];
  const [min, max] = [Number(low), Number(high)];
  if (min >= 0 && min <= max && max <= 1) return { min, max };
  throw new InvalidArgumentError('Expected two shares from 0 to 1, such as 0.4-0.6.');
}
