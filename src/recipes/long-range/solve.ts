import type { Dataset } from '../../data/dataset.ts';
import { mostProbable } from '../../train/metrics/index.ts';
import { openScorer } from '../../train/score-dataset.ts';
import { type TrainedModel, train } from '../../train/train-model.ts';
import type { RecipeContext } from '../recipe.ts';
import type { Contender } from './contenders.ts';

/** Sequences to learn from, and how; one after the other, each from where the last one ended. */
export interface Lesson {
  readonly learned: Dataset;
  readonly training: Readonly<Record<string, unknown>>;
}

/** What one architecture reached. */
export interface Reached {
  readonly contender: Contender;
  /** Probabilities of the test, records × classes, by seed. */
  readonly predicted: readonly Float64Array[];
  /** Seconds that learning took, by seed. */
  readonly seconds: readonly number[];
  /** The network of the first seed. */
  readonly first: TrainedModel;
}

/** Trains an architecture from several first weights, and lets each network answer the test; in a thread of its own, where there is one. */
export async function solve(
  contender: Contender,
  lessons: readonly Lesson[],
  tested: Dataset,
  seeds: readonly number[],
  { device, signal, onEvent }: Pick<RecipeContext, 'device' | 'signal'> & { onEvent(share: number): void },
): Promise<Reached> {
  const where = { device, threads: 1, worker: true };
  const predicted: Float64Array[] = [];
  const seconds: number[] = [];
  let first: TrainedModel | undefined;
  for (const [s, seed] of seeds.entries()) {
    onEvent(s / seeds.length);
    let before: TrainedModel | undefined;
    let took = 0;
    for (const { learned, training } of lessons) {
      const former = before?.model.weights;
      before = await train(contender.definition, learned, {
        ...training,
        ...(signal && { signal }),
        ...where,
        validation: 0,
        seed,
        start: former ? () => former : contender.start,
      });
      took += before.fit.seconds;
    }
    const trained = before!;
    const { spec, weights } = trained.model;
    const scorer = await openScorer(spec, tested, weights, where);
    try {
      predicted.push(await scorer.predict());
    } finally {
      await scorer.release();
    }
    seconds.push(took);
    first ??= trained;
  }
  return { contender, predicted, seconds, first: first! };
}

/** Some of the test's records, such as those of one length. */
export interface Bin {
  readonly name: string;
  /** Letters, for the axis. */
  readonly length: number;
  readonly records: readonly number[];
}

/** The records of each length; where there are more than eight lengths, quarters of the records by length. */
export function binsByLength({ records }: Dataset): Bin[] {
  const order = records
    .map((_, i) => i)
    .sort((a, b) => records[a]!.sequence.length - records[b]!.sequence.length);
  const lengths = order.map((i) => records[i]!.sequence.length);
  const distinct = [...new Set(lengths)];
  const whole = (n: number) => n.toLocaleString('en-US');
  if (distinct.length <= 8)
    return distinct.map((length) => ({
      name: whole(length),
      length,
      records: order.filter((i) => records[i]!.sequence.length === length),
    }));
  return [0, 1, 2, 3].flatMap((q) => {
    const [from, to] = [q, q + 1].map((part) => Math.round((part * order.length) / 4)) as [number, number];
    if (to === from) return [];
    return [
      {
        name: `${whole(lengths[from]!)}–${whole(lengths[to - 1]!)}`,
        length: lengths[(from + to) >> 1]!,
        records: order.slice(from, to),
      },
    ];
  });
}

/** Share of right answers among some records. */
export function accuracyIn(
  predicted: Float64Array,
  { target }: Dataset,
  { records }: Pick<Bin, 'records'>,
): number {
  if (target?.kind !== 'classes') return Number.NaN;
  const k = target.classes.length;
  const said = mostProbable(predicted, k);
  return records.filter((i) => said[i] === target.truth[i]).length / records.length;
}

/**
 * 95 % interval of a share (Wilson 1927), which holds where all answers are right, too.
 * @example wilson(1, 24) // { low: 0.862, high: 1 }
 */
export function wilson(share: number, n: number): { low: number; high: number } {
  const z2 = 1.96 ** 2;
  const middle = (share + z2 / (2 * n)) / (1 + z2 / n);
  const half = (1.96 / (1 + z2 / n)) * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n));
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}
