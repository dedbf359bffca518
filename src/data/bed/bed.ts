import { dataError } from '../../core/errors.ts';
import { finiteNumber, type Interval, strandOf, wholeNumber } from '../interval.ts';
import { lineBatches } from '../lines.ts';
import type { ByteChunks } from '../opening.ts';

/** A line of a BED file. */
export interface BedInterval extends Interval {
  line: number;
  /** Columns after the sixth (BED12's thick part, colour and blocks; a user's own), as they stand. */
  rest?: string[];
  /** Of narrowPeak: signal, −log10 p and q (−1 where not given). */
  signal?: number;
  pValue?: number;
  qValue?: number;
  /** Of narrowPeak: the summit's offset from `start`; absent where the file gives −1. */
  summit?: number;
}

/** Which columns come after the sixth: any (`bed`), or those of ENCODE's narrowPeak. */
export type BedFormat = 'bed' | 'narrowPeak';

/**
 * Reads BED with 3 to 12 or more columns, and narrowPeak (told by `name`'s suffix unless `format` says so), as a stream.
 * Columns are divided by tabs, or by blanks where a line has no tab; comments, `track` and `browser` lines are passed over.
 * Coordinates are 0-based and half-open, in the file as in the result; an interval may be empty (an insertion site).
 *
 * Throws a data error with `name`, line and column for fewer than three columns, coordinates that are no whole numbers, an end before
 * the start, scores that are no numbers, strands other than + - and ., and a summit outside its peak.
 * @example
 * for await (const { chrom, start, end } of bedIntervals([bytes('chr1\t0\t10\n')])) console.log(chrom, end - start);
 */
export async function* bedIntervals(
  chunks: ByteChunks,
  { name = 'input', format }: { name?: string; format?: BedFormat } = {},
): AsyncGenerator<BedInterval, void, undefined> {
  const peaks = (format ?? (/\.narrowpeak(\.b?gz)?$/i.test(name) ? 'narrowPeak' : 'bed')) === 'narrowPeak';
  for await (const { lines, first } of lineBatches(chunks, { name })) {
    for (const [i, text] of lines.entries()) {
      if (text === '' || text.startsWith('#') || /^(track|browser)\b|^\s*$/.test(text)) continue;
      const interval = parsed(text, `${name}:${first + i}`, first + i);
      yield peaks ? asPeak(interval, `${name}:${first + i}`) : interval;
    }
  }
}

function parsed(text: string, place: string, line: number): BedInterval {
  const cells = text.includes('\t') ? text.split('\t') : text.trim().split(/\s+/);
  if (cells.length < 3)
    throw dataError(`${place}: ${cells.length} columns; expected at least 3 (chromosome, start, end).`);
  const [chrom, from, to, name, score, strand, ...rest] = cells as [string, string, string, ...string[]];
  if (chrom === '') throw dataError(`${place}: the chromosome is empty.`);
  if (line === 1 && !/^\d/.test(from) && !/^\d/.test(to))
    throw dataError(
      `${place}: start is ${JSON.stringify(from)}; expected a whole number. If this line is a header, begin it with "#".`,
    );
  const start = wholeNumber(from, `${place}: start`);
  const end = wholeNumber(to, `${place}: end`);
  if (end < start) throw dataError(`${place}: end ${end} lies before start ${start}. Exchange them.`);
  const interval: BedInterval = { chrom, start, end, strand: '.', line };
  if (name !== undefined && name !== '.' && name !== '') interval.name = name;
  if (score !== undefined && score !== '.') interval.score = finiteNumber(score, `${place}: score`);
  if (strand !== undefined) interval.strand = strandOf(strand, `${place}: strand`);
  if (rest.length > 0) interval.rest = rest;
  return interval;
}

function asPeak({ rest = [], ...interval }: BedInterval, place: string): BedInterval {
  if (rest.length < 4)
    throw dataError(
      `${place}: ${rest.length + 6} columns; narrowPeak has 10. Read it as BED if it has no peaks.`,
    );
  const [signal, pValue, qValue] = ['signal', 'p-value', 'q-value'].map((what, i) =>
    finiteNumber(rest[i]!, `${place}: ${what}`),
  ) as [number, number, number];
  const summit = finiteNumber(rest[3]!, `${place}: peak`);
  const { start, end } = interval;
  if (!Number.isInteger(summit) || summit < -1 || summit >= Math.max(1, end - start))
    throw dataError(`${place}: peak is ${rest[3]}; expected an offset from 0 to ${end - start - 1}, or -1.`);
  return { ...interval, signal, pValue, qValue, ...(summit >= 0 && { summit }) };
}

/**
 * The blocks of a BED12 line as intervals in order of position; of any other line the whole interval. Throws a data error
 * where the numbers of blocks disagree or a block lies outside.
 */
export function bedBlocks({ rest: extra, ...interval }: BedInterval): Interval[] {
  const { chrom, start, end, strand, line, name } = interval;
  const of = name ?? intervalPlace(interval);
  if (!extra || extra.length < 6) return [interval];
  const numbers = (text: string, what: string) =>
    text
      .split(',')
      .filter((part) => part !== '')
      .map((part) => wholeNumber(part, `line ${line}: ${what} of "${of}"`));
  const [, , , count, sizes, starts] = extra as [string, string, string, string, string, string];
  const [lengths, offsets] = [numbers(sizes, 'block size'), numbers(starts, 'block start')];
  if (String(lengths.length) !== count || lengths.length !== offsets.length)
    throw dataError(
      `line ${line}: "${of}" announces ${count} blocks; it has ${lengths.length} sizes and ${offsets.length} starts.`,
    );
  return offsets.map((offset, i) => {
    const block = { chrom, start: start + offset, end: start + offset + lengths[i]!, strand };
    if (block.end <= end) return block;
    throw dataError(
      `line ${line}: block ${i + 1} of "${of}" ends at ${block.end}, after its interval (${end}).`,
    );
  });
}

const intervalPlace = ({ chrom, start, end }: Interval) => `${chrom}:${start}-${end}`;

/**
 * Writes an interval as a BED line: as many of the columns name, score, strand and `rest` as it has. Throws a data error
 * for what could not be read back.
 * @example bedLine({ chrom: 'chr1', start: 0, end: 10, strand: '-', name: 'x' }) // 'chr1\t0\t10\tx\t0\t-\n'
 */
export function bedLine(
  interval: Interval & Pick<BedInterval, 'rest' | 'signal' | 'pValue' | 'qValue' | 'summit'>,
): string {
  const {
    chrom,
    start,
    end,
    strand,
    name,
    score,
    rest,
    signal,
    pValue = -1,
    qValue = -1,
    summit = -1,
  } = interval;
  refuseUnwritable(interval);
  const more = signal === undefined ? (rest ?? []) : [signal, pValue, qValue, summit];
  const cells: (string | number)[] = [chrom, start, end];
  if (more.length > 0 || strand !== '.')
    cells.push(name ?? '.', score ?? (strand === '.' ? '.' : 0), strand, ...more);
  else if (score !== undefined) cells.push(name ?? '.', score);
  else if (name !== undefined) cells.push(name);
  return `${cells.join('\t')}\n`;
}

/** Writes a value for a stretch of bases as a bedGraph line. */
export function bedGraphLine({ value, ...interval }: Omit<Interval, 'strand'> & { value: number }): string {
  refuseUnwritable(interval);
  if (!Number.isFinite(value))
    throw dataError(`${intervalPlace({ ...interval, strand: '.' })}: ${value} is no value for bedGraph.`);
  return `${interval.chrom}\t${interval.start}\t${interval.end}\t${value}\n`;
}

function refuseUnwritable({ chrom, start, end, name = '' }: Omit<Interval, 'strand'>) {
  const place = `${chrom}:${start}-${end} cannot be written as BED`;
  if (!/^[^\s#]\S*$/.test(chrom))
    throw dataError(`${place}: a chromosome has no blanks and does not begin with "#".`);
  if (!(Number.isSafeInteger(start) && Number.isSafeInteger(end) && 0 <= start && start <= end))
    throw dataError(`${place}: it takes whole numbers from 0, the start first.`);
  if (/[\t\r\n]/.test(name)) throw dataError(`${place}: its name has a tab or a line break.`);
}
