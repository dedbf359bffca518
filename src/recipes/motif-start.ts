import { usageError } from '../core/errors.ts';
import { dna } from '../data/alphabet.ts';
import type { Starting } from '../train/start.ts';

/** Two short motifs that a regulator reads together, and how many letters may lie between them. */
export interface MotifPair {
  readonly first: string;
  readonly second: string;
  /** Letters between the two. */
  readonly spacings: readonly number[];
}

/**
 * The boxes of sigma-70 promoters of E. coli, 35 and 10 letters before the start, and their spacing: 17 in most, 15 to 19 in nearly all
 * (Hawley and McClure 1983; Harley and Reynolds 1987).
 */
export const promoterBoxes: MotifPair = {
  first: 'TTGACA',
  second: 'TATAAT',
  spacings: [15, 16, 17, 18, 19],
};

/** The kernel that holds both motifs at their widest spacing. */
export const pairWidth = ({ first, second, spacings }: MotifPair): number =>
  first.length + Math.max(...spacings) + second.length;

/** Motifs as a first guess of a network's filters. */
export interface PlacedMotifs extends MotifPair {
  /** What each matching letter gives. */
  readonly gain: number;
  /** How many letters must match before a filter gives anything. */
  readonly threshold: number;
  /** In aligned windows: the letter, counted from 1, at which the second motif is expected to begin. */
  readonly expected?: number;
  /** What each letter's match at the expected place adds to the second class and takes from the first. */
  readonly strength: number;
}

const weights = 'body.convolutions.blocks.0.convolution.weight';
const biases = 'body.convolutions.blocks.0.convolution.bias';
const head = 'readout.head.weight';

/**
 * A start for a model whose first layer are convolutions over one-hot DNA: one filter for each spacing begins as the two motifs, zero
 * between and beside them, so that it gives `gain` for each letter that matches more than `threshold` of them. The filters after these
 * begin at random, and all of them learn. Both motifs are centred in the kernel.
 *
 * With `expected`, the read-out begins with weights around that place too, falling off over two letters; this needs `pool: 'flatten'` and
 * no dense layer. Throws a usage error where there are too few filters, or the kernel is too narrow.
 * @example TTGA…AT at spacing 2 in a kernel of 8: rows of A, C, G, T with `gain` at T0 T1 G2 A3, A6 T7
 */
export const motifStart =
  (motifs: PlacedMotifs): NonNullable<Starting['start']> =>
  (initial) => {
    const [filters, bias] = [initial.get(weights)!.slice(), initial.get(biases)!.slice()];
    const size = filters.length / bias.length;
    checkRoom(motifs, bias.length, size / dna.size);
    const readout = initial.get(head)!.slice();
    motifs.spacings.forEach((spacing, f) => {
      const place = fillFilter(filters.subarray(f * size, (f + 1) * size), motifs, spacing);
      bias[f] = -motifs.gain * motifs.threshold;
      const block = readout.length / bias.length;
      if (motifs.expected !== undefined)
        expectAt(readout.subarray(f * block, (f + 1) * block), motifs.expected - 1 + place, motifs);
    });
    return new Map([
      [weights, filters],
      [biases, bias],
      [head, readout],
    ]);
  };

function checkRoom(motifs: PlacedMotifs, filters: number, kernel: number): void {
  const width = pairWidth(motifs);
  if (filters >= motifs.spacings.length && kernel >= width) return;
  throw usageError(
    `the motifs need ${motifs.spacings.length} filters, one for each spacing, of at least ${width} letters; the model has ${filters} of ${kernel}.`,
  );
}

/** Writes both motifs into a filter [letters, kernel]; returns how far after the second motif's first letter the filter gives its output. */
function fillFilter(filter: Float32Array, { first, second, gain }: PlacedMotifs, spacing: number): number {
  const kernel = filter.length / dna.size;
  const left = Math.floor((kernel - first.length - spacing - second.length) / 2);
  const at = left + first.length + spacing;
  filter.fill(0);
  const put = (motif: string, from: number) =>
    dna.encode(motif).forEach((letter, i) => {
      filter[letter * kernel + from + i] = gain;
    });
  put(first, left);
  put(second, at);
  // `same` padding: the output at t is that of the kernel that begins at t less half its width.
  return Math.floor((kernel - 1) / 2) - at;
}

/** Read-out weights [time, 2] of one filter: for the second class, against the first, around one place. */
function expectAt(readout: Float32Array, place: number, { strength, gain }: PlacedMotifs): void {
  for (let t = 0; t < readout.length / 2; t++) {
    const weight = (strength / gain) * Math.exp(-((t - place) ** 2) / 8);
    readout[2 * t] = -weight;
    readout[2 * t + 1] = weight;
  }
}
