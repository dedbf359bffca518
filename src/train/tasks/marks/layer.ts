import { dataError, usageError } from '../../../core/errors.ts';
import { bedIntervals } from '../../../data/bed/bed.ts';
import { openSignal, type SignalStretch } from '../../../data/bigwig/bigwig.ts';
import type { Genome } from '../../../data/genome/genome.ts';
import { finiteNumber, type Interval, intervalName } from '../../../data/interval.ts';
import { openFile } from '../../../data/open-file.ts';
import { openSource, type SourceDigest } from '../../../data/source.ts';

/** A file of what is known along a genome, and what it is called. */
export interface LayerFile {
  readonly name: string;
  readonly path: string;
}

/** What is known along a genome, bin by bin. */
export interface Layer extends LayerFile {
  /** Intervals, of which a bin is covered to some share, or values, of which it has a mean. */
  readonly kind: 'intervals' | 'signal';
  /** Whether it says anything of a chromosome. Intervals that are nowhere on one say that nothing is there. */
  knows(chrom: string): boolean;
  /** The intervals of a chromosome by position; none of a signal. */
  intervals(chrom: string): readonly Interval[];
  /**
   * One number for each bin from `start` on: the share of its bases that intervals cover, or the mean of the values, bases without one
   * counting as 0; NaN where the chromosome is not known.
   */
  bins(chrom: string, start: number, length: number, bin: number): Promise<Float32Array>;
  readonly source: SourceDigest;
  /** Sentences on what was left out. */
  readonly notes: readonly string[];
  close(): Promise<void>;
}

type Kind = 'bed' | 'bedgraph' | 'bigwig';

const suffixes: Readonly<Record<string, Kind>> = {
  ...{ bed: 'bed', narrowpeak: 'bed', broadpeak: 'bed' },
  ...{ bedgraph: 'bedgraph', bg: 'bedgraph', bdg: 'bedgraph' },
  ...{ bw: 'bigwig', bigwig: 'bigwig' },
};

/** What a file is by its name; throws a usage error for others. */
function kindOfFile(path: string): Kind {
  const suffix = /\.([a-z]+)(\.b?gz)?$/i.exec(path)?.[1]?.toLowerCase() ?? '';
  const kind = suffixes[suffix];
  if (kind) return kind;
  throw usageError(
    `${path}: expected intervals (.bed, .narrowPeak, .broadPeak) or values along the genome (.bedGraph, .bigWig, .bw), told by the name.`,
  );
}

/**
 * Opens intervals (BED, narrowPeak, broadPeak) or values (bedGraph, bigWig) along a genome. Throws a data error that names file and line for
 * what is no such file, lies off the end of its sequence, or names none of the genome's sequences.
 */
export async function openLayer({ name, path }: LayerFile, genome: Genome): Promise<Layer> {
  const kind = kindOfFile(path);
  if (kind === 'bigwig') return openBigWig({ name, path }, genome);
  const source = openSource(path);
  const found = new Map<string, Interval[]>();
  const counts = { elsewhere: 0, kept: 0 };
  let other = '';
  for await (const interval of bedIntervals(source.chunks, { name: source.name })) {
    const { chrom, start, end, line, name: text } = interval;
    const place = `${source.name}:${line}`;
    const length = genome.chromosomes.get(chrom)?.length;
    if (length === undefined) {
      counts.elsewhere++;
      other = chrom;
      continue;
    }
    if (end > length)
      throw dataError(
        `${place}: ${intervalName(interval)} ends at ${end}; "${chrom}" of ${genome.name} has ${length} bases. Check that both are of one assembly.`,
      );
    counts.kept++;
    if (end === start) continue;
    const own = { chrom, start, end, strand: '.' as const };
    const value =
      kind === 'bedgraph' ? { ...own, score: finiteNumber(text ?? '', `${place}: value`), line: line! } : own;
    const all = found.get(chrom);
    if (all) all.push(value);
    else found.set(chrom, [value]);
  }
  if (counts.kept === 0) throw nothingThere(source.name, other, genome);
  for (const all of found.values()) all.sort((a, b) => a.start - b.start || a.end - b.end);
  if (kind === 'bedgraph') refuseOverlaps(found, source.name);
  const notes =
    counts.elsewhere === 0
      ? []
      : [
          `${counts.elsewhere} lines of ${source.name} name sequences that ${genome.name} has not, such as "${other}".`,
        ];
  const rest = { name, path, source: source.digest(), notes, close: async () => {} };
  const intervals = (chrom: string) => found.get(chrom) ?? [];
  if (kind === 'bed')
    return {
      ...{ ...rest, kind: 'intervals', knows: () => true, intervals },
      bins: async (chrom, start, length, bin) => coverage(intervals(chrom), start, length, bin),
    };
  return {
    ...{ ...rest, kind: 'signal', knows: (chrom) => found.has(chrom), intervals: () => [] },
    bins: async (chrom, start, length, bin) => {
      const all = found.get(chrom);
      return all ? means(all, start, length, bin) : unknown(length, bin);
    },
  };
}

async function openBigWig({ name, path }: LayerFile, genome: Genome): Promise<Layer> {
  const source = openSource(path);
  for await (const _ of source.chunks);
  const signal = await openSignal(await openFile(path), { name: path });
  const shared = [...signal.chromosomes].filter(([chrom]) => genome.chromosomes.has(chrom));
  const failed = async (error: Error) => {
    await signal.close();
    throw error;
  };
  if (shared.length === 0)
    await failed(nothingThere(path, signal.chromosomes.keys().next().value ?? '', genome));
  const longer = shared.find(([chrom, length]) => length !== genome.chromosomes.get(chrom)!.length);
  if (longer)
    await failed(
      dataError(
        `${path}: "${longer[0]}" has ${longer[1]} bases; that of ${genome.name} has ${genome.chromosomes.get(longer[0])!.length}. Check that both are of one assembly.`,
      ),
    );
  const knows = (chrom: string) => signal.chromosomes.has(chrom);
  return {
    ...{ name, path, kind: 'signal', knows, intervals: () => [], source: source.digest(), notes: [] },
    async bins(chrom, start, length, bin) {
      if (!knows(chrom)) return unknown(length, bin);
      const found = await signal.stretches(chrom, start, start + length);
      return means(found.map(scored), start, length, bin);
    },
    close: () => signal.close(),
  };
}

const scored = ({ value, ...place }: SignalStretch) => ({ ...place, strand: '.' as const, score: value });

function nothingThere(file: string, chrom: string, { name, chromosomes }: Genome) {
  if (chrom === '') return dataError(`${file} is empty; expected at least one line.`);
  const own = [...chromosomes.keys()].slice(0, 3).join(', ');
  return dataError(
    `${file} names none of the sequences of ${name}: it has "${chrom}", the genome has ${own}${chromosomes.size > 3 ? ' …' : ''}. Use the names of one source in both files.`,
  );
}

function refuseOverlaps(found: ReadonlyMap<string, readonly Interval[]>, file: string): void {
  for (const all of found.values())
    for (let i = 1; i < all.length; i++)
      if (all[i]!.start < all[i - 1]!.end)
        throw dataError(
          `${file}:${all[i]!.line}: ${intervalName(all[i]!)} overlaps ${intervalName(all[i - 1]!)} on line ${all[i - 1]!.line}; a base has one value.`,
        );
}

const unknown = (length: number, bin: number) => new Float32Array(Math.ceil(length / bin)).fill(Number.NaN);

/** The share of each bin that intervals, by position, cover; what several cover counts once. */
function coverage(all: readonly Interval[], start: number, length: number, bin: number): Float32Array {
  const covered = new Float32Array(Math.ceil(length / bin));
  let reached = start;
  for (let i = 0; i < all.length && all[i]!.start < start + length; i++) {
    const to = Math.min(all[i]!.end, start + length);
    addTo(covered, Math.max(all[i]!.start, reached) - start, to - start, bin, 1);
    reached = Math.max(reached, to);
  }
  return perBase(covered, length, bin);
}

/** The mean of each bin; `score` is the value, and stretches do not overlap. */
function means(all: readonly Interval[], start: number, length: number, bin: number): Float32Array {
  const sums = new Float32Array(Math.ceil(length / bin));
  for (const { start: from, end: to, score } of all)
    if (from < start + length && to > start)
      addTo(sums, Math.max(from, start) - start, Math.min(to, start + length) - start, bin, score!);
  return perBase(sums, length, bin);
}

/** Adds `value` for each base from `from` to before `to`. */
function addTo(sums: Float32Array, from: number, to: number, bin: number, value: number): void {
  for (let b = Math.floor(from / bin); b * bin < to; b++) {
    const bases = Math.min(to, (b + 1) * bin) - Math.max(from, b * bin);
    if (bases > 0) sums[b]! += bases * value;
  }
}

const perBase = (sums: Float32Array, length: number, bin: number): Float32Array =>
  sums.map((sum, b) => sum / Math.min(bin, length - b * bin));
