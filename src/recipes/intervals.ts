import { dataError } from '../core/errors.ts';
import { lineBatches } from '../data/lines.ts';
import { openSource, type SourceDigest } from '../data/source.ts';

/** A stretch of a sequence: 0-based, half-open, as BED has it; `value` is its fifth column, where there is one. */
export interface Interval {
  readonly chrom: string;
  readonly start: number;
  readonly end: number;
  readonly value?: number;
}

/**
 * Reads intervals from BED (three columns or more, the fifth a number) or from a table of the same with a header line; gzip too. Throws
 * a data error with file and line for anything else.
 * @example chr1\t100\t250\tp1\t3.5 // { chrom: 'chr1', start: 100, end: 250, value: 3.5 }
 */
export async function readIntervals(
  path: string,
  { value = false } = {},
): Promise<{ intervals: Interval[]; source: SourceDigest }> {
  const opened = openSource(path);
  const intervals: Interval[] = [];
  for await (const { lines, first } of lineBatches(opened.chunks, { name: opened.name }))
    lines.forEach((line, at) => {
      if (line.trim() === '' || /^(#|track\b|browser\b)/.test(line)) return;
      const cells = line.split(line.includes('\t') ? '\t' : /\s+/);
      // A header says "start" where a number stands otherwise.
      if (intervals.length === 0 && /^[a-z]/i.test(cells[1] ?? '')) return;
      intervals.push(intervalOf(cells, `${opened.name}:${first + at}`, value));
    });
  if (intervals.length === 0)
    throw dataError(`${opened.name} holds no intervals; expected BED: sequence, start and end on each line.`);
  return { intervals, source: opened.digest() };
}

function intervalOf(cells: readonly string[], place: string, value: boolean): Interval {
  const [chrom, first, last, , score] = cells;
  const [start, end] = [Number(first), Number(last)];
  const whole = [first, last].every((cell) => /^\d+$/.test(cell ?? ''));
  if (!chrom || !whole || end <= start)
    throw dataError(
      `${place}: expected sequence, start and end with start < end (BED: from 0, end excluded), received ${JSON.stringify(cells.slice(0, 3).join(' '))}.`,
    );
  if (!value) return { chrom, start, end };
  const number = Number(score);
  if (score === undefined || score.trim() === '' || !Number.isFinite(number))
    throw dataError(
      `${place}: expected a number in the fifth column (BED's score), received ${JSON.stringify(score ?? '')}.`,
    );
  return { chrom, start, end, value: number };
}
