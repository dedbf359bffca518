import { usageError } from '../core/errors.ts';
import { version } from '../core/version.ts';
import type { Dataset } from '../data/dataset.ts';
import { type DatasetSplit, split } from '../data/split/split.ts';
import type { RunReport } from '../report/run-report.ts';
import { assess, predictDataset } from '../train/assess.ts';
import { evaluateMetrics } from '../train/metrics/index.ts';
import { modelSpec } from '../train/model-spec.ts';
import { type TrainedModel, train } from '../train/train-model.ts';
import { checkWhole, classDataset, dataOf } from './built-in-data.ts';
import { trainingOf } from './cross-validation-report.ts';
import { heldOutReport } from './held-out-report.ts';
import { largestDifference } from './no-recurrence/difference.ts';
import { type CellName, cellNames, classifier, type Recurrence } from './no-recurrence/networks.ts';
import {
  type Measured,
  recurrenceClaims,
  recurrenceFigure,
  recurrenceLead,
  recurrenceTables,
} from './no-recurrence/report.ts';
import { compositionTask, orderTask } from './no-recurrence/tasks.ts';
import {
  labelledSequences,
  labelling,
  type Recipe,
  type RecipeContext,
  type RecipeResult,
} from './recipe.ts';

/** What `no-recurrence` may be told. */
export interface NoRecurrenceConfig {
  /** Of the built-in example: how many sequences, about how long. */
  readonly count: number;
  readonly length: number;
  readonly hidden: number;
  /** Networks with first weights of their own. */
  readonly seeds: number;
  /** `all`: every step starts from nothing; `hidden`: W_hh = 0 alone, which leaves an LSTM its cell, so that the claims must fail. */
  readonly off: string;
  /** Share of the records that is tested. */
  readonly test: number;
  readonly training: Readonly<Record<string, unknown>>;
}

export const noRecurrenceDefaults: NoRecurrenceConfig = {
  count: 1600,
  length: 18,
  hidden: 16,
  seeds: 3,
  off: 'all',
  test: 0.25,
  training: { epochs: 20, batchSize: 32, rate: 1e-2 },
};

/** What a recurrent network is without its recurrence: one that sees every position by itself. */
export const noRecurrence: Recipe = {
  id: 'no-recurrence',
  title: 'Without recurrence',
  summary:
    'Labelled sequences → accuracy of Elman, LSTM and GRU networks, and of the same with the recurrence switched off.',
  claim:
    'Switched off, each layer equals a position-wise network to 1e-6, and a task of order drops from solved to chance, trained anew or not.',
  input: {
    what: 'FASTA or a table of sequences, with labels of two or more classes.',
    options: [...labelling, 'group', 'ambiguous', 'alphabet'],
  },
  defaults: { ...noRecurrenceDefaults },
  async run(given, context) {
    const config = { ...noRecurrenceDefaults, ...given } as NoRecurrenceConfig;
    checkConfig(config);
    const count = context.quick ? Math.min(config.count, 800) : config.count;
    const dataset = context.input
      ? await classDataset(labelledSequences(context.input), 'any')
      : orderTask({ count, length: config.length, seed: context.seed });
    return runNoRecurrence(dataset, config, context, { builtIn: !context.input });
  },
};

function checkConfig({ count, length, hidden, seeds, off, training }: NoRecurrenceConfig): void {
  checkWhole({ count, length, hidden, seeds, epochs: training.epochs });
  if (off !== 'all' && off !== 'hidden')
    throw usageError(`off: expected all or hidden, received ${JSON.stringify(off)}.`);
}

/** The recipe on records with one of several classes each. */
export async function runNoRecurrence(
  dataset: Dataset,
  config: NoRecurrenceConfig,
  context: RecipeContext,
  { builtIn }: { builtIn: boolean },
): Promise<RecipeResult> {
  const began = performance.now();
  const grouped = dataset.records.every(({ group }) => group !== undefined);
  const parts = split(dataset, {
    test: config.test,
    seed: context.seed,
    ...(grouped && { by: 'group' as const }),
  });
  const seeds = Array.from({ length: context.quick ? 1 : config.seeds }, (_, s) => context.seed + s);
  const work = workOf({ parts, config, context, jobs: seeds.length * 7 + (builtIn ? 3 : 0) });
  const measured: Measured[] = [];
  let kept: TrainedModel | undefined;
  for (const cell of cellNames)
    for (const seed of seeds) {
      const { result, trained } = await measure(cell, seed, work);
      measured.push(result);
      if (cell === 'lstm') kept ??= trained;
    }
  const control = builtIn ? await controlled(work, seeds[0]!) : [];
  // The LSTM's weights serve the named architecture, so that predict, explain and export can read them.
  const architecture = {
    architecture: 'lstm',
    config: { hidden: config.hidden, bidirectional: false, layers: 1, pool: 'mean', dropout: 0, dense: [] },
  };
  const model = { ...kept!.model, spec: modelSpec(dataset, architecture) };
  const assessment = await assess(model, parts.test, {
    train: parts.fit,
    seed: context.seed,
    device: context.device,
  });
  const found = {
    measured,
    control,
    chance: chanceOf(parts.test),
    seeds: seeds.length,
    builtIn,
    off: config.off,
  };
  const report: RunReport = {
    title: noRecurrence.title,
    lead: recurrenceLead(found),
    recipe: noRecurrence.id,
    version,
    seed: context.seed,
    seconds: (performance.now() - began) / 1000,
    claims: recurrenceClaims(found),
    data: dataOf(dataset),
    training: trainingOf(kept!),
    ...heldOutReport(assessment, parts),
    figures: [recurrenceFigure(found)],
    tables: recurrenceTables(found),
    notes: [
      'Networks: letters → recurrent layer → mean over positions → classes. Without recurrence that is a bag of letters. The model that is left behind, and whose figures stand above, is the LSTM with its recurrence.',
      ...(builtIn
        ? [
            'The task of order comes in pairs with the same letters (G before T, and T before G); a pair is either learned from or tested. The control asks for more As or more Cs, which needs no order.',
          ]
        : []),
      ...(context.quick ? ['A quick run: one seed, and half the sequences of the example.'] : []),
    ],
  };
  return { report, model };
}

interface Work {
  readonly parts: DatasetSplit;
  readonly config: NoRecurrenceConfig;
  readonly context: RecipeContext;
  fit(cell: CellName, recurrence: Recurrence, seed: number, data?: Dataset): Promise<TrainedModel>;
  accuracy(trained: TrainedModel, cell: CellName, recurrence: Recurrence, data?: Dataset): Promise<number>;
}

function workOf({
  parts,
  config,
  context,
  jobs,
}: Pick<Work, 'parts' | 'config' | 'context'> & { jobs: number }): Work {
  const { device, signal } = context;
  const where = { device, threads: 1, ...(signal && { signal }) };
  let done = 0;
  return {
    parts,
    config,
    context,
    async fit(cell, recurrence, seed, data = parts.fit) {
      context.onEvent?.({
        kind: 'progress',
        text: `${cell}, network ${done + 1} of ${jobs}`,
        done: done / jobs,
      });
      done++;
      const network = classifier(cell, recurrence, config.hidden);
      return train({ network }, data, { ...config.training, ...where, validation: 0, seed });
    },
    async accuracy({ model }, cell, recurrence, data = parts.test) {
      const network = classifier(cell, recurrence, config.hidden);
      const predictions = await predictDataset({ ...model, spec: { ...model.spec, network } }, data, {
        device,
      });
      return evaluateMetrics(predictions, { resamples: 0 }).accuracy!.value!;
    },
  };
}

/** One cell and one seed: with recurrence, the same weights without, and trained without. */
async function measure(
  cell: CellName,
  seed: number,
  work: Work,
): Promise<{ result: Measured; trained: TrainedModel }> {
  const { config, context } = work;
  const off = config.off as Recurrence;
  const trained = await work.fit(cell, 'on', seed);
  const anew = await work.fit(cell, off, seed);
  const weights = new Map([...trained.model.weights].map(([path, w]) => [path.replace(/^body\./, ''), w]));
  const { device } = context;
  const shape = { inputs: trained.model.spec.alphabet.letters.length, hidden: config.hidden, seed, device };
  // The literal W_hh = 0: the same loop, its recurrent weights set to zero.
  const zeroed = new Map(
    [...weights].map(([path, w]) => [path, path.endsWith('.recurrent') ? new Float32Array(w.length) : w]),
  );
  // An LSTM without W_hh has its cell left to remember with.
  const cellLeft = cell === 'lstm' && off === 'all' ? await work.fit(cell, 'hidden', seed) : undefined;
  const result: Measured = {
    cell,
    seed,
    on: await work.accuracy(trained, cell, 'on'),
    ablated: await work.accuracy(trained, cell, off),
    anew: await work.accuracy(anew, cell, off),
    cellLeft: cellLeft ? await work.accuracy(cellLeft, cell, 'hidden') : null,
    difference: await largestDifference(cell, off, weights, shape),
    zeroed: await largestDifference(cell, 'on', zeroed, shape),
  };
  return { result, trained };
}

/** Without recurrence, what needs no order can still be learned. */
async function controlled(work: Work, seed: number): Promise<{ cell: CellName; accuracy: number }[]> {
  const { count, length, test } = work.config;
  const task = compositionTask({ count: Math.min(count, 800), length, seed });
  const parts = split(task, { test, seed });
  const found = [];
  for (const cell of cellNames) {
    const trained = await work.fit(cell, 'all', seed, parts.fit);
    found.push({ cell, accuracy: await work.accuracy(trained, cell, 'all', parts.test) });
  }
  return found;
}

/** The share of the commonest class. */
function chanceOf({ target, records }: Dataset): number {
  if (target?.kind !== 'classes') return Number.NaN;
  const counts = target.classes.map((_, c) => target.truth.filter((y) => y === c).length);
  return Math.max(...counts) / records.length;
}
