import { totalmem } from 'node:os';
import { dataError } from '../../core/errors.ts';
import type { Dataset } from '../../data/dataset.ts';
import { bytes, whole } from '../../report/format.ts';
import { trainingMemory } from '../../train/memory.ts';
import { modelSpec } from '../../train/model-spec.ts';
import { fitOptions } from '../../train/options.ts';
import type { Messages } from '../messages.ts';
import type { TrainArguments } from '../verbs/train.ts';
import { fitArguments } from './fit-arguments.ts';

/**
 * Letters that a batch may hold so that training stays within `--max-memory`, by an upper estimate; without that option, what
 * `--max-tokens` says, and a word of warning where the machine may have too little. Throws a data error for a record that does not fit
 * even alone.
 */
export function tokensWithinMemory(
  fit: Dataset,
  config: Record<string, unknown>,
  args: TrainArguments,
  {
    limit = args.maxMemory,
    machine = totalmem(),
    messages,
  }: { limit?: number | undefined; machine?: number; messages: Messages },
): number {
  const spec = modelSpec(fit, { architecture: args.model, config }, { positive: args.task === 'positive' });
  const memory = trainingMemory(spec, fitOptions(fitArguments(args)));
  const longest = fit.records.reduce((a, b) => (b.sequence.length > a.sequence.length ? b : a));
  const time = longest.sequence.length;
  const alone = memory({ batch: 1, time });
  const needed = memory({
    batch: Math.max(1, Math.min(args.batchSize, Math.floor(args.maxTokens / time))),
    time,
  });
  if (limit === undefined) {
    if (needed > machine)
      messages.say(
        `Training may take up to about ${bytes(needed)}, and this machine has ${bytes(machine)}: record "${longest.id}" has ${whole(time)} letters. --max-memory makes batches smaller; a smaller model or shorter windows help more.`,
      );
    return args.maxTokens;
  }
  if (alone > limit)
    throw dataError(
      `record "${longest.id}" has ${whole(time)} letters; training ${args.model} on it takes up to about ${bytes(alone)}, and --max-memory allows ${bytes(limit)}. Cut it into windows, leave it out, or choose a smaller model.`,
    );
  if (needed <= limit) return args.maxTokens;
  const tokens = time * mostWithin(args.batchSize, (batch) => memory({ batch, time }) <= limit);
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
