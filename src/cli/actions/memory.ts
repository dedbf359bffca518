import { freemem } from 'node:os';
import { dataError } from '../../core/errors.ts';
import type { Dataset } from '../../data/dataset.ts';
import { bytes, counted, whole } from '../../report/format.ts';
import { type MemoryEstimate, trainingMemory } from '../../train/memory.ts';
import { modelSpec } from '../../train/model-spec.ts';
import { type FitEvent, fitOptions } from '../../train/options.ts';
import type { Messages } from '../messages.ts';
import type { TrainArguments } from '../verbs/train.ts';
import { fitArguments } from './fit-arguments.ts';

/** What this process may still take: what the machine, or the container that it runs in, has free. */
export const freeMemory = (): number => process.availableMemory?.() ?? freemem();

/** Thrown out of a training that would not fit: it would with batches of fewer rows. */
class SmallerBatches extends Error {
  constructor(readonly batchSize: number) {
    super(`batches of ${batchSize}`);
  }
}

/**
 * Runs a training of any task within `--max-memory`: where the largest batch does not fit by an upper estimate, with batches of as many rows
 * as do, which it says. Throws a data error where not even one row fits. Without that option it says, before the start, where the machine has
 * too little free, and what would make it fit.
 */
export async function withinMemory<T>(
  { batchSize, maxMemory, model }: Pick<TrainArguments, 'batchSize' | 'maxMemory' | 'model'>,
  messages: Messages,
  train: (batchSize: number, planned: (event: FitEvent) => void) => Promise<T>,
  free: () => number = freeMemory,
): Promise<T> {
  const check = (event: FitEvent) => {
    if (event.kind !== 'planned') return;
    const estimate = event.memory();
    if (maxMemory === undefined) return warn(estimate, free(), messages);
    if (estimate.needed <= maxMemory) return;
    const rows = estimate.rowsWithin(maxMemory);
    if (rows === 0) throw tooLarge(estimate, maxMemory, model);
    // The estimate is no straight line to the last byte: fewer each time, so that this ends.
    throw new SmallerBatches(Math.min(rows, estimate.shape[0]! - 1));
  };
  for (let size = batchSize; ; ) {
    try {
      return await train(size, check);
    } catch (error) {
      if (!(error instanceof SmallerBatches)) throw error;
      size = error.batchSize;
      if (size < 1) throw dataError(`not even one row fits into ${bytes(maxMemory!)}. ${remedies}`);
      messages.say(
        `Batches hold at most ${counted(size, 'row')}, to stay within ${bytes(maxMemory!)}; other batches give other weights.`,
      );
    }
  }
}

const remedies = 'Use shorter sequences, a shorter context or a smaller model (--set).';

const tooLarge = ({ needed, shape }: MemoryEstimate, limit: number, model: string) =>
  dataError(
    `training ${model} takes up to about ${bytes(needed)} for ${largest(shape)}, and not even one such row stays within the ${bytes(limit)} of --max-memory. ${remedies}`,
  );

function warn(estimate: MemoryEstimate, free: number, messages: Messages): void {
  const { needed, shape } = estimate;
  if (needed <= free) return;
  const rows = estimate.rowsWithin(free);
  const fits =
    rows > 0
      ? `--batch-size ${rows} would fit, or --max-memory ${Math.floor(free / 1e6)}M, which sees to it.`
      : `Not even one such row would fit. ${remedies}`;
  messages.say(
    `Training may take up to about ${bytes(needed)} (a batch of ${largest(shape)}), and this machine has ${bytes(free)} free. ${fits}`,
  );
}

/** `32 rows of 5,000`. */
const largest = ([rows = 1, length]: readonly number[]) =>
  `${counted(rows, 'row')}${length === undefined ? '' : ` of ${whole(length)}`}`;

/**
 * Letters that a batch may hold so that training stays within `--max-memory`, by an upper estimate; without that option, what
 * `--max-tokens` says. Short sequences then still fill a batch. Throws a data error for a record that does not fit even alone.
 */
export function tokensWithinMemory(
  fit: Dataset,
  config: Record<string, unknown>,
  args: TrainArguments,
  { limit = args.maxMemory, messages }: { limit?: number | undefined; messages: Messages },
): number {
  if (limit === undefined) return args.maxTokens;
  const spec = modelSpec(fit, { architecture: args.model, config }, { positive: args.task === 'positive' });
  const memory = trainingMemory(spec, fitOptions(fitArguments(args)));
  const longest = fit.records.reduce((a, b) => (b.sequence.length > a.sequence.length ? b : a));
  const time = longest.sequence.length;
  const alone = memory({ batch: 1, time });
  const batch = Math.max(1, Math.min(args.batchSize, Math.floor(args.maxTokens / time)));
  if (alone > limit)
    throw dataError(
      `record "${longest.id}" has ${whole(time)} letters; training ${args.model} on it takes up to about ${bytes(alone)}, and --max-memory allows ${bytes(limit)}. Cut it into windows, leave it out, or choose a smaller model.`,
    );
  if (memory({ batch, time }) <= limit) return args.maxTokens;
  const tokens = time * mostWithin(args.batchSize, (rows) => memory({ batch: rows, time }) <= limit);
  messages.say(
    `Batches hold at most ${whole(tokens)} letters, to stay within ${bytes(limit)}; other batches give other weights.`,
  );
  return tokens;
}

/** The largest number from 1 to `most` that fits; 1 does, and what fits in a larger number fits in a smaller one. */
function mostWithin(most: number, fits: (n: number) => boolean): number {
  let [low, high] = [1, most];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
