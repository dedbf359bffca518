import { stat } from 'node:fs/promises';
import { dataError, usageError } from '../core/errors.ts';
import { bedIntervals } from './bed/bed.ts';
import { fastaPieces } from './fasta/fasta-pieces.ts';
import { chromosomeOf, type Genome } from './genome/genome.ts';
import { type Interval, intervalName } from './interval.ts';
import { openGenome } from './open-genome.ts';
import { peek } from './opening.ts';
import { openSource } from './source.ts';
import { isTwoBit } from './twobit/twobit.ts';

/** A whole sequence, or a region of one. */
export interface Stretch {
  readonly chrom: string;
  /** Where in its sequence it begins, 0-based. */
  readonly start: number;
  readonly length: number;
}

/** Consecutive letters of a stretch, as bytes. */
export interface StretchPiece extends Omit<Stretch, 'length'> {
  /** The number of the stretch, from 0. */
  readonly stretch: number;
  /** Which letter of the stretch is the first of these, from 0. */
  readonly at: number;
  readonly letters: Uint8Array;
  /** Whether the stretch ends here. The last piece may be empty. */
  readonly last: boolean;
}

/** A place within stretches: a letter of one of them. */
export interface StretchPlace {
  readonly stretch: number;
  readonly at: number;
}

/** Sequences, or regions of them, that are read from the first letter to the last in constant memory. */
export interface Stretches {
  readonly name: string;
  /**
   * All stretches, known beforehand; `check` sees the letters where they have to be read for that. Undefined where they can be read
   * only once, as from standard input.
   */
  measure(check?: (piece: StretchPiece) => void): Promise<readonly Stretch[] | undefined>;
  /** The letters, from a place on. */
  pieces(from?: StretchPlace): AsyncGenerator<StretchPiece, void, undefined>;
  /** What tells this input from another: a file that was changed has another stamp. */
  stamp(): Promise<string>;
  close(): Promise<void>;
}

/** Letters that are read at a time where the file is read by position. */
const pieceLetters = 1 << 18;

/**
 * Opens what is to be read letter by letter: FASTA (plain, gzip, bgzip; `-` is standard input), 2bit, GenBank or EMBL. `regions` names a BED file:
 * only its intervals are read, in the order of the genome, those that overlap or touch joined into one; this takes a genome that can be
 * read by position (see `openGenome`).
 *
 * Throws a data error that names file and place for wrong formats, sequences of one name, regions of unknown sequences or off their end.
 */
export async function openStretches(
  path: string,
  { regions }: { regions?: string | undefined } = {},
): Promise<Stretches> {
  if (regions !== undefined) return regionStretches(path, regions);
  if (path === '-') return streamed(path);
  const source = openSource(path);
  const { opening, chunks } = await peek(source.chunks);
  // Begun and left again, the source is closed.
  for await (const _ of chunks) break;
  const annotated = /^\s*(LOCUS\s|ID {3})/.test(new TextDecoder().decode(opening));
  return isTwoBit(opening) || annotated ? wholeGenome(path) : streamed(path);
}

function streamed(path: string): Stretches {
  let read = false;
  async function* pieces({ stretch: first, at: from }: StretchPlace = { stretch: 0, at: 0 }) {
    if (path === '-' && read) throw usageError('standard input can be read only once; name the file.');
    read = true;
    const { name, chunks } = openSource(path);
    const seen = new Map<string, number>();
    let stretch = -1;
    let open: string | undefined;
    for await (const { id, line, at, letters, last } of fastaPieces(chunks, { name })) {
      if (open === undefined) {
        refuseTwice(seen, id, line, name);
        stretch++;
      }
      open = last ? undefined : id;
      const cut = stretch === first ? Math.min(letters.length, Math.max(0, from - at)) : 0;
      if (stretch < first || (cut === letters.length && !last)) continue;
      yield { stretch, chrom: id, start: 0, at: at + cut, letters: letters.subarray(cut), last };
    }
  }
  return {
    name: path === '-' ? 'stdin' : path,
    pieces,
    async measure(check) {
      if (path === '-') return undefined;
      const found: Stretch[] = [];
      for await (const piece of pieces()) {
        check?.(piece);
        const { chrom, start, at, letters, last } = piece;
        if (last) found.push({ chrom, start, length: at + letters.length });
      }
      return found;
    },
    stamp: async () => (path === '-' ? 'stdin' : stampOf(path)),
    close: async () => {},
  };
}

function refuseTwice(seen: Map<string, number>, id: string, line: number, name: string): void {
  const before = seen.get(id);
  if (before !== undefined)
    throw dataError(
      `${name}:${line}: "${id}" is already the name of the sequence on line ${before}; names must be unique.`,
    );
  seen.set(id, line);
}

const stampOf = async (path: string) => {
  const { size, mtimeMs } = await stat(path);
  return `${size} bytes of ${Math.floor(mtimeMs)}`;
};

async function wholeGenome(path: string): Promise<Stretches> {
  const genome = await openGenome(path);
  const all = [...genome.chromosomes.values()].map(({ name: chrom, length }) => ({
    chrom,
    start: 0,
    length,
  }));
  const filled = all.filter(({ length }) => length > 0);
  return byPosition(genome, filled, [path]);
}

async function regionStretches(path: string, regions: string): Promise<Stretches> {
  const genome = await openGenome(path);
  try {
    const { name, chunks } = openSource(regions);
    const intervals: Interval[] = [];
    for await (const interval of bedIntervals(chunks, { name })) {
      const { length } = chromosomeOf(genome, interval.chrom);
      if (interval.end > length)
        throw dataError(
          `${name}:${interval.line}: ${intervalName(interval)} ends at ${interval.end}; "${interval.chrom}" of ${path} has ${length} bases. Cut it, or check that both are of one assembly.`,
        );
      if (interval.end > interval.start) intervals.push(interval);
    }
    if (intervals.length === 0) throw dataError(`${name} has no regions; expected BED with at least one.`);
    return byPosition(genome, joinedIntervals(intervals, [...genome.chromosomes.keys()]), [path, regions]);
  } catch (error) {
    await genome.close();
    throw error;
  }
}

/**
 * Intervals in the order of the genome, those that overlap or touch joined.
 * @example joinedIntervals([{ chrom: 'b', start: 4, end: 9, strand: '.' }, { chrom: 'b', start: 0, end: 4, strand: '.' }], ['a', 'b'])
 * // [{ chrom: 'b', start: 0, length: 9 }]
 */
export function joinedIntervals(intervals: readonly Interval[], chromosomes: readonly string[]): Stretch[] {
  const order = new Map(chromosomes.map((name, i) => [name, i]));
  const sorted = [...intervals].sort(
    (a, b) => order.get(a.chrom)! - order.get(b.chrom)! || a.start - b.start || a.end - b.end,
  );
  const joined: Stretch[] = [];
  for (const { chrom, start, end } of sorted) {
    const open = joined.at(-1);
    if (open?.chrom === chrom && start <= open.start + open.length)
      joined[joined.length - 1] = { ...open, length: Math.max(open.length, end - open.start) };
    else joined.push({ chrom, start, length: end - start });
  }
  return joined;
}

function byPosition(genome: Genome, stretches: readonly Stretch[], files: readonly string[]): Stretches {
  const bytes = new TextEncoder();
  return {
    name: genome.name,
    // Letters are checked as they are read: what can be read by position is not read twice.
    measure: async () => stretches,
    async *pieces({ stretch: first, at: from } = { stretch: 0, at: 0 }) {
      for (let stretch = first; stretch < stretches.length; stretch++) {
        const { chrom, start, length } = stretches[stretch]!;
        for (let at = stretch === first ? Math.min(from, length) : 0; ; ) {
          const to = Math.min(length, at + pieceLetters);
          const letters = bytes.encode(await genome.letters(chrom, start + at, start + to));
          yield { stretch, chrom, start, at, letters, last: to === length };
          if (to === length) break;
          at = to;
        }
      }
    },
    stamp: async () => (await Promise.all(files.filter((path) => path !== '-').map(stampOf))).join(', '),
    close: () => genome.close(),
  };
}
