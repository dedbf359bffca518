import { greedyEach } from '../../decode/index.ts';
import { argMax } from '../../graph/library.ts';
import { shiftedTargets, type TokenPair } from '../../models/translator/forced.ts';
import { forcedGraph, translatorSizes } from '../../models/translator/network.ts';
import { paddedSources } from '../../models/translator/runner.ts';
import { type TrainedTranslator, translationScorer } from '../../models/translator/scorer.ts';
import { type CompileOptions, compile } from '../../runtime/compile.ts';

const together = 128;

function* batches<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < items.length; from += together) yield items.slice(from, from + together);
}

/** What the network writes where it reads its own tokens, as long as the targets; what it left unwritten is its end. */
export async function rollouts(
  model: TrainedTranslator,
  pairs: readonly TokenPair[],
  where: CompileOptions,
): Promise<Int32Array[]> {
  const scorer = await translationScorer(model, where);
  const found: Int32Array[] = [];
  try {
    for (const batch of batches(pairs)) {
      const sources = batch.map(({ source }) => source);
      const length = batch.reduce((most, { target }) => Math.max(most, target.length - 1), 0);
      const written = await greedyEach(scorer, sources, { length });
      written.forEach(({ tokens }, i) => {
        const whole = new Int32Array(batch[i]!.target.length).fill(scorer.end!);
        whole.set(tokens.subarray(0, whole.length - 1));
        found.push(whole);
      });
    }
  } finally {
    await scorer.close();
  }
  return found;
}

/** The most probable token at every place where the network reads the true ones before it. */
export async function teacherForced(
  { spec, weights }: TrainedTranslator,
  pairs: readonly TokenPair[],
  where: CompileOptions,
): Promise<Int32Array[]> {
  const { inputs, logProbabilities, weights: values } = forcedGraph(spec);
  const { reads, writes } = translatorSizes(spec);
  const constants = new Map([...values].map(([path, value]) => [value, weights.get(path)!]));
  const program = await compile({ inputs, outputs: { best: argMax(logProbabilities) }, constants }, where);
  const found: Int32Array[] = [];
  try {
    for (const batch of batches(pairs)) {
      const sources = batch.map(({ source }) => source);
      const { target } = shiftedTargets(batch, writes);
      const { best } = await program.run({ ...paddedSources(sources, reads - 1), target });
      const time = best!.shape[1]!;
      batch.forEach((pair, i) => {
        found.push((best!.data as Int32Array).slice(i * time, i * time + pair.target.length));
      });
    }
  } finally {
    await program.release();
  }
  return found;
}

/** Which tokens are wrong: one row a pair, one number a step, 1 or 0. */
export const errors = (
  written: readonly Int32Array[],
  pairs: readonly TokenPair[],
  horizon: number,
): Uint8Array[] =>
  pairs.map(({ target }, i) =>
    Uint8Array.from({ length: horizon }, (_, t) => Number(written[i]![t] !== target[t])),
  );

/** How much more of the last third than of the first is wrong, reading its own tokens beyond reading true ones: rows of one run each. */
export interface Drift {
  readonly free: readonly Uint8Array[];
  readonly forced: readonly Uint8Array[];
}

/** The share of wrong tokens at each step, under weights of the pairs. */
export function byStep(rows: readonly Uint8Array[], weights?: Float64Array): number[] {
  const steps = rows[0]?.length ?? 0;
  const total = weights?.reduce((a, b) => a + b, 0) ?? rows.length;
  return Array.from(
    { length: steps },
    (_, t) => rows.reduce((sum, row, i) => sum + row[t]! * (weights?.[i] ?? 1), 0) / total,
  );
}

/** Growth of the drift: mean of (free − forced) over the last third of the steps less that over the first third. */
export function growth({ free, forced }: Drift, weights?: Float64Array): number {
  const [own, told] = [byStep(free, weights), byStep(forced, weights)];
  const drift = own.map((error, t) => error - told[t]!);
  const third = Math.max(1, Math.floor(drift.length / 3));
  const mean = (part: readonly number[]) => part.reduce((a, b) => a + b, 0) / part.length;
  return mean(drift.slice(-third)) - mean(drift.slice(0, third));
}
