import { type RandomStream, randomStream } from '../../../core/random.ts';
import { planBatches } from '../../../data/batch.ts';

/** A piece of a sequence that a batch reads in one of its rows. */
export interface Piece {
  readonly sequence: number;
  /** The first token that is foretold, and how many are. */
  readonly from: number;
  readonly count: number;
  /** Nothing is carried over from the batch before. */
  readonly fresh: boolean;
  /** The piece is read as if the sequence began with it, so that the model learns how to begin. */
  readonly begins: boolean;
}

/** The rows of one batch, some of them empty; `time` is the longest piece. */
export interface LanguageBatch {
  readonly rows: readonly (Piece | undefined)[];
  readonly time: number;
}

export interface PlanOptions {
  /** Tokens in a piece at most. */
  context: number;
  /** Rows of a batch. */
  batchSize: number;
  maxTokens: number;
  seed: number;
  epoch: number;
  /** Whether sequences begin and end where they do, or are cut out of something longer. */
  ends: boolean;
}

/** Of pieces within a text without beginning and end, how many are read as beginnings all the same. */
const beginnings = 1 / 16;

/**
 * The batches of an epoch for a network that carries its state: each row reads one stretch after the other, piece by piece, so that the
 * row of the next batch continues where this one stopped. Long sequences are cut so that all rows are busy; where depends on the epoch.
 */
export function carriedPlan(lengths: Int32Array, options: PlanOptions): LanguageBatch[] {
  const { context, batchSize, seed, epoch, ends } = options;
  const stream = randomStream(seed, 'language', epoch);
  const stretches = cutStretches(lengths, options, stream);
  const order = planBatches(
    Int32Array.from(stretches, ({ count }) => count),
    { batchSize, seed, epoch },
  ).flatMap((batch) => Array.from(batch));
  const queue = order.map((i) => stretches[i]!);
  const current: ({ stretch: Stretch; at: number } | undefined)[] = new Array(batchSize).fill(undefined);
  const batches: LanguageBatch[] = [];
  for (let taken = 0; ; ) {
    for (let row = 0; row < batchSize; row++)
      if (!current[row] && taken < queue.length) current[row] = { stretch: queue[taken++]!, at: 0 };
    const left = current.map((c) => (c ? c.stretch.count - c.at : 0));
    const time = Math.min(context, Math.max(...left));
    if (time === 0) return batches;
    const rows = current.map((c, row): Piece | undefined => {
      if (!c) return undefined;
      const { stretch, at } = c;
      const count = Math.min(time, stretch.count - at);
      c.at += count;
      if (c.at === stretch.count) current[row] = undefined;
      const from = stretch.from + at;
      const begins = from === 0 || (!ends && stream.uniform() < beginnings);
      return { sequence: stretch.sequence, from, count, fresh: at === 0 || begins, begins };
    });
    batches.push({ rows, time });
  }
}

interface Stretch {
  readonly sequence: number;
  readonly from: number;
  readonly count: number;
}

/** Sequences longer than an even share of the rows are cut into equal stretches; fewer tokens than a piece has are left out at their start. */
function cutStretches(
  lengths: Int32Array,
  { context, batchSize }: PlanOptions,
  stream: RandomStream,
): Stretch[] {
  const total = lengths.reduce((sum, n) => sum + n, 0);
  const share = Math.max(context, total / batchSize);
  const stretches: Stretch[] = [];
  lengths.forEach((length, sequence) => {
    const parts = Math.max(1, Math.round(length / share));
    const skipped = parts > 1 ? stream.below(Math.max(1, Math.min(context, length >> 2))) : 0;
    const each = (length - skipped) / parts;
    for (let p = 0; p < parts; p++) {
      const from = Math.round(skipped + p * each);
      const to = Math.round(skipped + (p + 1) * each);
      if (to > from) stretches.push({ sequence, from, count: to - from });
    }
  });
  return stretches;
}

/**
 * The batches of an epoch for a network that sees a window at once: every token is foretold once, in windows whose borders depend on the
 * epoch, those of like length together.
 */
export function windowPlan(lengths: Int32Array, options: PlanOptions): LanguageBatch[] {
  const { context, batchSize, maxTokens, seed, epoch, ends } = options;
  const stream = randomStream(seed, 'language', epoch);
  const windows: Piece[] = [];
  lengths.forEach((length, sequence) => {
    const first = length > context ? 1 + stream.below(context) : length;
    for (let from = 0, to = first; from < length; from = to, to = Math.min(length, to + context)) {
      const begins = from === 0 || (!ends && stream.uniform() < beginnings);
      windows.push({ sequence, from, count: to - from, fresh: true, begins });
    }
  });
  const counts = Int32Array.from(windows, ({ count }) => count);
  return planBatches(counts, { batchSize, maxTokens, seed, epoch }).map((indices) => {
    const rows = Array.from(indices, (i) => windows[i]!);
    return { rows, time: Math.max(...rows.map(({ count }) => count)) };
  });
}
