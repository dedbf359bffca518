import { dataError, usageError } from '../../../core/errors.ts';
import {
  type Alphabet,
  type AmbiguityPolicy,
  alphabetByName,
  describeLetter,
  dna,
} from '../../../data/alphabet.ts';
import { chromosomeOf, type Genome } from '../../../data/genome/genome.ts';
import { openGenome } from '../../../data/open-genome.ts';
import { openSource, type SourceDigest } from '../../../data/source.ts';
import { joinedIntervals, type Stretch } from '../../../data/stretches.ts';
import { most } from '../../../models/marks/spec.ts';
import type { MarksStretch } from '../../../models/marks/stretch.ts';
import { type Layer, type LayerFile, openLayer } from './layer.ts';

/** A mark to be learned: intervals are there or not, values are learned as they are, or from `cut` on as there. */
export interface MarkFile extends LayerFile {
  readonly cut?: number | undefined;
}

/** Where marks stand, and what is read beside the letters. */
export interface MarksFiles {
  readonly marks: readonly MarkFile[];
  readonly tracks?: readonly LayerFile[];
  /** A BED file, told by its suffix, or names of sequences divided by commas: only these are read. */
  readonly regions?: string | undefined;
  /** Letters in a bin. */
  readonly bin: number;
  readonly alphabet?: Alphabet;
  /** Letters such as N: `error` refuses them; bins with one (`skip`) or mostly of them (`mask`) are not known. */
  readonly ambiguous?: AmbiguityPolicy;
}

/** A stretch with what is known of each bin: bins × marks, row-major, 1 or 0 of what is there or not; NaN where it is not known. */
export interface MarkedStretch extends MarksStretch {
  readonly truth: Float32Array;
  /** Whether the letters of each bin are known. */
  readonly known: readonly boolean[];
}

/** What is learned of a mark. */
export interface MarkName {
  readonly name: string;
  readonly kind: 'binary' | 'signal';
}

/** Stretches of a genome with their marks. */
export interface MarksData {
  readonly alphabet: Alphabet;
  readonly bin: number;
  readonly marks: readonly MarkName[];
  readonly tracks: readonly string[];
  readonly stretches: readonly MarkedStretch[];
  readonly sources: readonly SourceDigest[];
  readonly notes: readonly string[];
}

/** A genome with files along it, read stretch by stretch. */
export interface MarksReader extends Omit<MarksData, 'stretches'> {
  readonly places: readonly Stretch[];
  read(place: Stretch): Promise<MarkedStretch>;
  close(): Promise<void>;
}

/** More letters than these are not held in memory. */
const mostLetters = 2e9;

/**
 * Opens a genome (FASTA, 2bit, GenBank, EMBL) with marks and tracks along it. A bin has a mark where at least half of its bases are
 * covered. Throws a data error for files that do not fit the genome or say nothing of a sequence that is read, a usage error for a bin or names that do not
 * make sense.
 */
export async function openMarks(
  path: string,
  { marks, tracks = [], regions, bin, alphabet = dna, ambiguous = 'mask' }: MarksFiles,
): Promise<MarksReader> {
  if (!(Number.isInteger(bin) && bin >= 1 && bin <= most.bin))
    throw usageError(`expected a bin of 1 to ${most.bin} letters, received ${bin}.`);
  refuseTwice(marks, 'mark');
  refuseTwice(tracks, 'track');
  const genome = await openGenome(path);
  const open: Layer[] = [];
  const close = async () => {
    for (const one of [...open, genome]) await one.close();
  };
  try {
    for (const file of [...marks, ...tracks]) open.push(await openLayer(file, genome));
    const [own, beside] = [open.slice(0, marks.length), open.slice(marks.length)];
    const chosen = await placesOf(genome, regions);
    for (const layer of beside) requireCover(layer, chosen.places);
    const names = own.map(({ name, kind }, m): MarkName => {
      const { cut } = marks[m]!;
      if (cut !== undefined && kind === 'intervals')
        throw usageError(`${marks[m]!.path} holds intervals: there is no value to cut at for ${name}.`);
      return { name, kind: kind === 'signal' && cut === undefined ? 'signal' : 'binary' };
    });
    const cuts = own.map(({ kind }, m) => (kind === 'intervals' ? 0.5 : marks[m]!.cut));
    const letters = letterReader(genome, { bin, alphabet, ambiguous });
    return {
      ...{
        alphabet,
        bin,
        marks: names,
        tracks: tracks.map(({ name }) => name),
        places: chosen.places,
        close,
      },
      sources: [await digestOf(path), ...open.map(({ source }) => source), ...chosen.sources],
      notes: open.flatMap(({ notes }) => notes),
      async read(place) {
        const { chrom, start, length } = place;
        const { tokens, known } = await letters(place);
        const columns = async (layers: readonly Layer[]) =>
          Promise.all(layers.map((layer) => layer.bins(chrom, start, length, bin)));
        const [found, values] = [await columns(own), await columns(beside)];
        const truth = rowsOf(found, known.length, (x, m, b) => {
          if (!known[b] || Number.isNaN(x)) return Number.NaN;
          if (cuts[m] !== undefined) return Number(x >= cuts[m]!);
          if (x >= 0) return x;
          throw dataError(
            `${marks[m]!.path}: ${x} at ${chrom}:${start + b * bin}; values of a mark are 0 or more. Choose with --cut ${names[m]!.name}=<value> from where on it is there.`,
          );
        });
        return {
          ...{ chrom, start, length, bins: known.length, tokens, truth, known },
          tracks: rowsOf(values, known.length, (x) => x),
        };
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Reads a genome with marks and tracks along it into memory; see `openMarks`. Throws a usage error where it is too large for that. */
export async function readMarks(path: string, files: MarksFiles): Promise<MarksData> {
  const { places, read, close, ...rest } = await openMarks(path, files);
  try {
    const letters = places.reduce((sum, { length }) => sum + length, 0);
    if (letters > mostLetters)
      throw usageError(
        `${path} has ${letters} letters, more than the ${mostLetters} that are held in memory. Name what is to be read with --regions, a BED file or chromosomes.`,
      );
    const stretches: MarkedStretch[] = [];
    for (const place of places) stretches.push(await read(place));
    return { ...rest, stretches };
  } finally {
    await close();
  }
}

async function digestOf(path: string): Promise<SourceDigest> {
  const source = openSource(path);
  for await (const _ of source.chunks);
  return source.digest();
}

function refuseTwice(files: readonly LayerFile[], what: string): void {
  const names = files.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined)
    throw usageError(
      `two ${what}s are called ${twice}; give each a name of its own, such as ${twice}2=<file>.`,
    );
}

function requireCover(layer: Layer, places: readonly Stretch[]): void {
  const bare = places.find(({ chrom }) => layer.kind === 'signal' && !layer.knows(chrom));
  if (bare)
    throw dataError(
      `${layer.path} says nothing of "${bare.chrom}", which is to be read beside it. Leave that out with --regions, or give a track that covers it.`,
    );
}

/** What is read: all sequences, some of them, or the intervals of a BED file, those that touch joined. */
async function placesOf(
  genome: Genome,
  regions: string | undefined,
): Promise<{ places: Stretch[]; sources: SourceDigest[] }> {
  const all = [...genome.chromosomes.values()].filter(({ length }) => length > 0);
  const whole = ({ name: chrom, length }: { name: string; length: number }) => ({ chrom, start: 0, length });
  if (regions === undefined) return { places: all.map(whole), sources: [] };
  if (!/\.(bed|narrowPeak|broadPeak)(\.b?gz)?$/i.test(regions))
    return { places: regions.split(',').map((name) => whole(chromosomeOf(genome, name))), sources: [] };
  const layer = await openLayer({ name: 'regions', path: regions }, genome);
  const intervals = all.flatMap(({ name }) => [...layer.intervals(name)]);
  if (intervals.length === 0)
    throw dataError(`${regions} has no regions; expected BED with at least one that is not empty.`);
  const places = joinedIntervals(intervals, [...genome.chromosomes.keys()]);
  return { places, sources: [layer.source] };
}

/** Letters as tokens, and which bins are of known letters. */
function letterReader(
  genome: Genome,
  { bin, alphabet, ambiguous }: { bin: number; alphabet: Alphabet; ambiguous: AmbiguityPolicy },
) {
  return async ({ chrom, start, length }: Stretch) => {
    const text = await genome.letters(chrom, start, start + length);
    const bins = Math.ceil(length / bin);
    const tokens = new Uint8Array(bins * bin).fill(alphabet.padding);
    const strange = new Uint32Array(bins);
    for (let i = 0; i < length; i++) {
      const id = alphabet.ids[text.charCodeAt(i)] ?? -1;
      if (id < 0 || (id >= alphabet.size && ambiguous === 'error'))
        throw dataError(
          `${genome.name}: "${chrom}" has ${describeLetter(text, i).replace(/ at position \d+$/, '')} at position ${start + i + 1}; expected ${[...alphabet.letters].join(' ')}${id < 0 ? ' or a letter that stands for some of them' : '. Use --ambiguous mask to keep such letters'}.`,
        );
      tokens[i] = id;
      if (id >= alphabet.size) strange[Math.floor(i / bin)]!++;
    }
    const limit = (b: number) => (ambiguous === 'skip' ? 0 : Math.min(bin, length - b * bin) / 2);
    return { tokens, known: Array.from(strange, (count, b) => count <= limit(b)) };
  };
}

/** Columns side by side. */
function rowsOf(
  columns: readonly Float32Array[],
  rows: number,
  value: (x: number, column: number, row: number) => number,
): Float32Array {
  const k = columns.length;
  const table = new Float32Array(rows * k);
  columns.forEach((column, c) => {
    for (let r = 0; r < rows; r++) table[r * k + c] = value(column[r]!, c, r);
  });
  return table;
}

/** The alphabet of a name, as models keep it. */
export const alphabetNamed = ({ name, letters }: { name: string; letters: string }): Alphabet =>
  alphabetByName(name, letters);
