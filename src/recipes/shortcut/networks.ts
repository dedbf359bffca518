import { dataError } from '../../core/errors.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { DatasetSplit } from '../../data/split/split.ts';
import { kmerReliance } from '../../explain/kmer-reliance.ts';
import { openPredictor } from '../../models/predict.ts';
import { asPredictions } from '../../train/assess.ts';
import type { Predictions } from '../../train/metrics/index.ts';
import { type TrainedModel, train } from '../../train/train-model.ts';
import type { RecipeContext } from '../recipe.ts';
import type { ShortcutConfig } from '../shortcut.ts';
import { type Mechanism, mechanismProbabilities } from './mechanism.ts';
import type { Scan } from './report.ts';

/** Networks trained on the fit part, and what each predicts on every test. */
export async function networksOn(
  { fit }: DatasetSplit,
  tests: readonly { dataset: Dataset }[],
  config: ShortcutConfig,
  { seed, quick, device, signal, onEvent }: RecipeContext,
): Promise<{ kept: TrainedModel; networks: Predictions[][] }> {
  const seeds = Array.from({ length: quick ? 1 : config.seeds }, (_, s) => seed + s);
  const networks: Predictions[][] = [];
  let kept: TrainedModel | undefined;
  for (const [s, own] of seeds.entries()) {
    const trained = await train({ architecture: config.architecture, config: config.model }, fit, {
      ...config.training,
      device,
      threads: 1,
      ...(signal && { signal }),
      validation: 0,
      seed: own,
      onEvent: (event) =>
        event.kind === 'epoch' &&
        onEvent?.({
          kind: 'progress',
          text: `network ${s + 1} of ${seeds.length}, epoch ${event.epoch} of ${event.epochs}`,
          done: (0.6 * (s + event.epoch / event.epochs)) / seeds.length,
        }),
    });
    const probabilities = await probabilitiesOf(trained, device);
    const all: Predictions[] = [];
    for (const { dataset } of tests)
      all.push(
        asPredictions(dataset, paired(await probabilities.of(dataset.records.map((r) => r.sequence)))),
      );
    await probabilities.close();
    networks.push(all);
    kept ??= trained;
  }
  return { kept: kept!, networks };
}

/** P(second class) of a trained model, for any sequences. */
async function probabilitiesOf({ model }: TrainedModel, device: RecipeContext['device']) {
  const predictor = await openPredictor(model, { batchSize: 512, device });
  const of = async (sequences: readonly string[]): Promise<Float64Array> => {
    const out = new Float64Array(sequences.length);
    let i = 0;
    const records = sequences.map((sequence, n) => ({ id: `${n}`, sequence }));
    for await (const { values } of predictor.predict(records)) out[i++] = values[1]!;
    return out;
  };
  return { of, close: () => predictor.close() };
}

/** [1 − p, p] of each. */
export const paired = (second: Float64Array): Float64Array =>
  Float64Array.from({ length: 2 * second.length }, (_, i) => (i % 2 ? second[i >> 1]! : 1 - second[i >> 1]!));

/** What every word does to the network and to the mechanism, in the same places. */
export async function scanBoth(
  kept: TrainedModel,
  mechanism: Mechanism,
  { config, backgrounds, word, seed, device }: ScanOptions,
): Promise<Scan> {
  if (backgrounds.length === 0)
    throw dataError(
      `no test sequence has ${config.k} letters; choose a smaller k, or give longer sequences.`,
    );
  const shortest = Math.min(...backgrounds.map((sequence) => sequence.length));
  // In the example the Shine–Dalgarno sequence is left as it is.
  const within: [number, number] = word === undefined ? [0, shortest] : [0, shortest - 18];
  const options = { words: config.k, seed, within };
  const physics = async (sequences: readonly string[]) => mechanismProbabilities(mechanism, sequences);
  const network = await probabilitiesOf(kept, device);
  try {
    const scan = await kmerReliance(network.of, backgrounds, options);
    const other = await kmerReliance(physics, backgrounds, options);
    const physical = new Map(other.map((reliance) => [reliance.word, reliance.effect]));
    const words = scan.map((reliance) => ({ ...reliance, physics: physical.get(reliance.word)! }));
    return { words, backgrounds: backgrounds.length, ...(word !== undefined && { planted: word }) };
  } finally {
    await network.close();
  }
}

/** What is scanned, and with what. */
export interface ScanOptions {
  readonly config: Pick<ShortcutConfig, 'k'>;
  readonly backgrounds: readonly string[];
  readonly word: string | undefined;
  readonly seed: number;
  readonly device: RecipeContext['device'];
}
