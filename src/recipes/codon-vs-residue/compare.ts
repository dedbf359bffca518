import { type Dataset, subset } from '../../data/dataset.ts';
import type { Split } from '../../data/split/random.ts';
import { asPredictions } from '../../train/assess.ts';
import type { Predictions } from '../../train/metrics/index.ts';
import { openScorer } from '../../train/score-dataset.ts';
import { type TrainedModel, train } from '../../train/train-model.ts';
import { type View, viewsOf } from './views.ts';

/** What one tokenisation came to, one entry a network. */
export interface Seen {
  readonly name: View['name'];
  readonly predictions: readonly Predictions[];
  /** The first network, and the parts it saw. */
  readonly first: TrainedModel;
  readonly fit: Dataset;
  readonly test: Dataset;
}

/** How networks are trained on each view. */
export interface CompareOptions {
  readonly most: number;
  readonly table: number;
  readonly architecture: string;
  readonly model: Readonly<Record<string, unknown>>;
  readonly training: Readonly<Record<string, unknown>>;
  readonly seeds: readonly number[];
  readonly where: {
    readonly device: 'auto' | 'cpu' | 'wasm';
    readonly threads: number;
    readonly signal?: AbortSignal;
  };
  readonly onDone: (share: number) => void;
}

/** The same network on the same genes, tokenised in three ways, with the same split. */
export async function compareViews(
  genes: Dataset,
  split: Split,
  { most, table, architecture, model, training, seeds, where, onDone }: CompareOptions,
): Promise<Seen[]> {
  const all: Seen[] = [];
  const views = viewsOf(genes, { most, table });
  for (const [v, { name, dataset }] of views.entries()) {
    const [fit, test] = [subset(dataset, split.train), subset(dataset, split.test)];
    const predictions: Predictions[] = [];
    let first: TrainedModel | undefined;
    for (const [s, seed] of seeds.entries()) {
      const trained = await train({ architecture, config: model }, fit, {
        ...training,
        ...where,
        validation: 0,
        seed,
      });
      const { device, threads } = where;
      const scorer = await openScorer(trained.model.spec, test, trained.model.weights, { device, threads });
      predictions.push(asPredictions(test, await scorer.predict().finally(() => scorer.release())));
      first ??= trained;
      onDone((v + (s + 1) / seeds.length) / views.length);
    }
    all.push({ name, predictions, first: first!, fit, test });
  }
  return all;
}
