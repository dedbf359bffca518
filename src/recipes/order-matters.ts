import { usageError } from '../core/errors.ts';
import { version } from '../core/version.ts';
import type { Dataset } from '../data/dataset.ts';
import { type DatasetSplit, split } from '../data/split/split.ts';
import type { RunReport } from '../report/run-report.ts';
import { asPredictions, assessPredictions } from '../train/assess.ts';
import { kmerFeatures, linearBaseline } from '../train/linear-baseline.ts';
import { openScorer } from '../train/score-dataset.ts';
import { type TrainedModel, train } from '../train/train-model.ts';
import { checkWhole, classDataset, dataOf } from './built-in-data.ts';
import { trainingOf } from './cross-validation-report.ts';
import { heldOutReport } from './held-out-report.ts';
import { codingWindows } from './order-matters/coding-windows.ts';
import { apart, readAll, readings } from './order-matters/readings.ts';
import { orderClaims, orderFigures, orderLead, orderTables, type Read } from './order-matters/report.ts';
import {
  labelledSequences,
  labelling,
  type Recipe,
  type RecipeContext,
  type RecipeResult,
} from './recipe.ts';

/** What `order-matters` may be told; see `orderMatters.defaults`. */
export interface OrderConfig {
  /** Of the built-in example: letters of a window, windows of a gene, the words that controls keep, and genes at most. */
  readonly window: number;
  readonly windows: number;
  readonly control: number;
  readonly genes: number;
  /** Letters of a word in the bag, and of the words that the shuffle keeps. */
  readonly k: number;
  readonly keep: number;
  /** Networks with first weights of their own. */
  readonly seeds: number;
  /** Share of the records that is tested. */
  readonly test: number;
  /** Learn from reversed copies too: then the direction of reading makes no difference, and the claim must fail. */
  readonly learnReversed: boolean;
  readonly architecture: string;
  readonly model: Readonly<Record<string, unknown>>;
  readonly training: Readonly<Record<string, unknown>>;
}

export const orderDefaults: OrderConfig = {
  window: 180,
  windows: 3,
  control: 2,
  genes: 999,
  k: 3,
  keep: 3,
  seeds: 2,
  test: 0.3,
  learnReversed: false,
  architecture: 'cnn-bilstm',
  model: { filters: [64], kernels: [6], pools: [3], hidden: 32, pool: 'mean', dense: [], dropout: 0.2 },
  training: { epochs: 8, batchSize: 32, rate: 4e-3 },
};

/** What order means to a network, and what it does not mean to a bag of words. */
export const orderMatters: Recipe = {
  id: 'order-matters',
  title: 'Order matters',
  summary:
    'Labelled sequences → accuracy forward, reversed, reverse-complemented and shuffled, of a network and of a bag of k-mers.',
  claim:
    'Trained on forward coding DNA of E. coli, a network collapses on reversed input; a bag of k-mers does not notice a shuffle that keeps its k-mers.',
  input: {
    what: 'FASTA or a table of sequences, with labels of two or more classes.',
    options: [...labelling, 'group', 'ambiguous', 'alphabet'],
  },
  defaults: { ...orderDefaults },
  async run(given, context) {
    const config = { ...orderDefaults, ...given } as OrderConfig;
    const { window, windows, control, genes } = config;
    const dataset = context.input
      ? await classDataset(labelledSequences(context.input), 'any')
      : await codingWindows({
          window,
          windows: context.quick ? 1 : windows,
          control,
          genes: context.quick ? 500 : genes,
          seed: context.seed,
        });
    return runOrderMatters(dataset, config, context);
  },
};

/** The recipe on records with one of several classes each. */
export async function runOrderMatters(
  dataset: Dataset,
  config: OrderConfig,
  context: RecipeContext,
): Promise<RecipeResult> {
  const began = performance.now();
  const plan = planned(config, dataset, context);
  for (const text of plan.notes) context.onEvent?.({ kind: 'note', text });
  const { fit, test } = plan.parts;
  const ways = readings(dataset, { keep: config.keep, seed: context.seed });
  const every = readAll(test, ways);
  const like = asPredictions(test, new Float64Array(test.records.length * plan.classes));
  const networks = await networksOf(plan, every, context);
  const bag = await bagOf(plan.learned, every, config.k, networks.kept, plan.where);
  const read: Read = {
    ways: ways.map(({ name }) => name),
    networks: networks.values.map((values) => apart(values, like)),
    bag: apart(bag, like),
    settings: config,
    seed: context.seed,
  };
  const { output } = networks.kept.model.spec;
  const assessment = await assessPredictions(output, read.networks[0]![0]!, test, {
    train: fit,
    seed: context.seed,
    ...plan.where,
  });
  const report: RunReport = {
    title: orderMatters.title,
    lead: orderLead(read),
    recipe: orderMatters.id,
    version,
    seed: context.seed,
    seconds: (performance.now() - began) / 1000,
    claims: orderClaims(read),
    data: dataOf(dataset),
    training: trainingOf(networks.kept),
    ...heldOutReport(assessment, plan.parts),
    notes: plan.notes,
    figures: orderFigures(read),
    tables: orderTables(read),
  };
  return { report, model: networks.kept.model };
}

interface Plan {
  readonly parts: DatasetSplit;
  /** What the network learns from: the training part, with reversed copies where these are asked for. */
  readonly learned: Dataset;
  readonly classes: number;
  readonly notes: string[];
  readonly where: { device: RecipeContext['device']; threads: number };
  readonly training: Readonly<Record<string, unknown>>;
  readonly config: OrderConfig;
  readonly seeds: readonly number[];
}

function planned(
  config: OrderConfig,
  dataset: Dataset,
  { quick, seed, device, signal }: RecipeContext,
): Plan {
  const { window, windows, control, genes, k, keep, seeds, test, training } = config;
  checkWhole({ window, windows, control, genes, k, keep, seeds, epochs: training.epochs });
  const words = dataset.alphabet.size ** k;
  if (words > 65_536)
    throw usageError(
      `k: there are ${words} words of ${k} letters of ${dataset.alphabet.name}; choose a smaller k.`,
    );
  const grouped = dataset.records.every(({ group }) => group !== undefined);
  const parts = split(dataset, { test, seed, ...(grouped && { by: 'group' as const }) });
  const reversed = readings(dataset, { keep, seed }).slice(0, 2);
  const target = dataset.target!;
  const notes = [
    `The network learned from sequences read forward${config.learnReversed ? ' and from reversed copies with the same label' : ' alone'}. The test sequences are read in every way under their own labels; nothing is trained again.`,
    `The bag of ${k}-mers is a logistic regression on how often each word occurs. A shuffle that keeps every ${keep}-mer (Altschul and Erickson 1985) draws uniformly among all orders of the letters that do so.`,
  ];
  if (quick) notes.push('A quick run: one network, fewer records of the example. Its figures are rough.');
  return {
    parts,
    learned: config.learnReversed ? readAll(parts.fit, reversed) : parts.fit,
    classes: target.kind === 'classes' ? target.classes.length : 0,
    notes,
    where: { device, threads: 1 },
    training: { ...training, ...(signal && { signal }) },
    config,
    seeds: Array.from({ length: quick ? 1 : seeds }, (_, s) => seed + s),
  };
}

/** Trains the networks and lets each predict everything; the first is kept. */
async function networksOf(
  { learned, where, training, config, seeds }: Plan,
  every: Dataset,
  context: RecipeContext,
): Promise<{ kept: TrainedModel; values: Float64Array[] }> {
  const values: Float64Array[] = [];
  let kept: TrainedModel | undefined;
  for (const [n, seed] of seeds.entries()) {
    const trained = await train({ architecture: config.architecture, config: config.model }, learned, {
      ...training,
      ...where,
      validation: 0,
      seed,
      onEvent: (event) =>
        event.kind === 'epoch' &&
        context.onEvent?.({
          kind: 'progress',
          text: `network ${n + 1} of ${seeds.length}, epoch ${event.epoch} of ${event.epochs}`,
          done: (0.9 * (n + event.epoch / event.epochs)) / seeds.length,
        }),
    });
    const scorer = await openScorer(trained.model.spec, every, trained.model.weights, where);
    try {
      values.push(await scorer.predict());
    } finally {
      await scorer.release();
    }
    kept ??= trained;
  }
  return { kept: kept!, values };
}

/** What a bag of words says to every sequence. */
const bagOf = (
  learned: Dataset,
  every: Dataset,
  k: number,
  { model }: TrainedModel,
  where: Plan['where'],
): Promise<Float64Array> =>
  linearBaseline(
    model.spec.output,
    { features: kmerFeatures(learned, k), target: learned.target! },
    { features: kmerFeatures(every, k) },
    where,
  );
