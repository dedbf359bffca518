import { usageError } from '../core/errors.ts';
import { randomStream } from '../core/random.ts';

/** How batches are made: at most `batchSize` records, and at most `maxTokens` positions after padding. */
export interface BatchOptions {
  batchSize: number;
  maxTokens?: number;
  seed?: number;
  epoch?: number;
  shuffle?: boolean;
}

/** How many batches' worth of records are sorted by length together: more pad less, fewer mix better. */
const WINDOW = 50;

/**
 * Plans the batches of one epoch: lists of record indices, every record once. Order and content depend only
 * on `seed` and `epoch`. Records are shuffled, sorted by length within windows, cut into batches, and the
 * batches shuffled. A batch is also cut where its padded size would pass `maxTokens` or twice its letters (plus a
 * little), so that one long record never inflates short ones and the cost stays linear in the letters.
 * A record longer than `maxTokens` makes a batch of its own. Without `shuffle` everything is sorted by length.
 * @example planBatches(Int32Array.of(9, 2, 9, 2), { batchSize: 2, shuffle: false }) // [[1, 3], [0, 2]]
 */
export function planBatches(
  lengths: Int32Array,
  { batchSize, maxTokens = Infinity, seed = 42, epoch = 0, shuffle = true }: BatchOptions,
): Int32Array[] {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw usageError(`A batch holds one or more records, not ${batchSize}.`);
  }
  if (!(maxTokens >= 1)) throw usageError(`A batch holds one or more positions, not ${maxTokens}.`);
  const order = Int32Array.from(lengths, (_, i) => i);
  const stream = randomStream(seed, 'batches', epoch);
  if (shuffle) stream.shuffle(order);
  const window = shuffle ? WINDOW * batchSize : Math.max(1, order.length);
  const batches: Int32Array[] = [];
  for (let from = 0; from < order.length; from += window) {
    const part = order.subarray(from, from + window);
    batches.push(...cutBatches(sortedByLength(part, lengths), lengths, batchSize, maxTokens));
  }
  return shuffle ? stream.shuffle(batches) : batches;
}

const sortedByLength = (part: Int32Array, lengths: Int32Array) =>
  Int32Array.from(Array.from(part).sort((a, b) => lengths[a]! - lengths[b]!));

/** Padding that is always tolerated, in positions, so that very short records still share batches. */
const SLACK = 1024;

function cutBatches(sorted: Int32Array, lengths: Int32Array, batchSize: number, maxTokens: number) {
  const batches: Int32Array[] = [];
  let start = 0;
  let letters = 0;
  sorted.forEach((record, i) => {
    const length = lengths[record]!;
    const padded = (i - start + 1) * length;
    const wasteful = padded > 2 * (letters + length) + SLACK;
    if (i > start && (i - start === batchSize || padded > maxTokens || wasteful)) {
      batches.push(sorted.slice(start, i));
      start = i;
      letters = 0;
    }
    letters += length;
  });
  if (sorted.length > start) batches.push(sorted.slice(start));
  return batches;
}

/** Sequences of one batch side by side; `tokens` is row-major, B×T, with `padding` after each sequence's end. */
export interface PaddedBatch {
  tokens: Int32Array;
  lengths: Int32Array;
  batch: number;
  time: number;
}

/**
 * Copies the chosen sequences into one B×T block, T being the longest length among them.
 * @example padBatch([Int32Array.of(0, 1), Int32Array.of(2)], [0, 1], 9).tokens // [0, 1, 2, 9]
 */
export function padBatch(
  encoded: readonly Int32Array[],
  indices: ArrayLike<number>,
  padding: number,
): PaddedBatch {
  const lengths = Int32Array.from(indices, (i) => encoded[i]!.length);
  const time = lengths.reduce((longest, length) => Math.max(longest, length), 0);
  const tokens = new Int32Array(lengths.length * time).fill(padding);
  for (let b = 0; b < lengths.length; b++) tokens.set(encoded[indices[b]!]!, b * time);
  return { tokens, lengths, batch: lengths.length, time };
}

/**
 * Numeric tracks of the chosen records as one B×T×C block (row-major), zero after each sequence's end.
 * `tracks[i]` holds the C tracks of record i, each as long as its sequence.
 */
export function padTracks(
  tracks: readonly (readonly Float32Array[])[],
  indices: ArrayLike<number>,
  time: number,
): Float32Array {
  const channels = indices.length > 0 ? tracks[indices[0]!]!.length : 0;
  const block = new Float32Array(indices.length * time * channels);
  for (let b = 0; b < indices.length; b++) {
    tracks[indices[b]!]!.forEach((track, c) => {
      for (let t = 0; t < track.length; t++) block[(b * time + t) * channels + c] = track[t]!;
    });
  }
  return block;
}
