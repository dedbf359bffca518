import { dataError } from '../core/errors.ts';

/** Which strand of the molecule; `.` where it does not matter or is not known. */
export type Strand = '+' | '-' | '.';

/** A stretch of a sequence, 0-based and half-open as in BED: base 1 to 10 of a chromosome is `start` 0, `end` 10. */
export interface Interval {
  chrom: string;
  start: number;
  end: number;
  strand: Strand;
  name?: string;
  score?: number;
  /** The line it stands on, counted from 1. */
  line?: number;
}

/** `chr1:5-10(+)`: 0-based half-open, as in BED. */
export const intervalName = ({ chrom, start, end, strand }: Interval): string =>
  `${chrom}:${start}-${end}${strand === '.' ? '' : `(${strand})`}`;

/** A whole number from 0; throws a data error with place and column otherwise. */
export function wholeNumber(text: string, what: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw dataError(`${what} is ${JSON.stringify(text)}; expected a whole number from 0.`);
}

/** A finite number; throws a data error with place and column otherwise. */
export function finiteNumber(text: string, what: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw dataError(`${what} is ${JSON.stringify(text)}; expected a number.`);
}

/** `+`, `-` or `.`; throws a data error with place otherwise. */
export function strandOf(text: string, what: string): Strand {
  if (text === '+' || text === '-' || text === '.') return text;
  throw dataError(`${what} is ${JSON.stringify(text)}; expected "+", "-" or ".".`);
}
