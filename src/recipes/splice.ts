import { version } from '../core/version.ts';
import type { Dataset } from '../data/dataset.ts';
import { foldIndices } from '../data/split/split.ts';
import type { Claim, RunReport, Table } from '../report/run-report.ts';
import {
  type CrossValidation,
  type CrossValidationProgress,
  crossValidate,
  crossValidateBaselines,
} from '../train/cross-validate.ts';
import type { Metrics } from '../train/metrics/index.ts';
import { train } from '../train/train-model.ts';
import { builtInDataset, checkWhole, classDataset, commonLength, dataOf } from './built-in-data.ts';
import {
  foldLeakage,
  foldTable,
  mean,
  outOfFoldReport,
  rounded,
  trainingOf,
} from './cross-validation-report.ts';
import {
  labelledSequences,
  labelling,
  type Recipe,
  type RecipeContext,
  type RecipeResult,
} from './recipe.ts';
import { sideBySide } from './side-by-side.ts';

/** What `splice` may be told; see `splice.defaults`. */
export interface SpliceConfig {
  readonly folds: number;
  /** Whole cross-validations with other first weights; the figures are those of the first, the others stand beside. */
  readonly repeats: number;
  readonly architecture: string;
  readonly model: Readonly<Record<string, unknown>>;
  readonly training: Readonly<Record<string, unknown>>;
}

/** How these were chosen, without the records that they are tested on, stands in docs/accuracy.md. */
export const spliceDefaults: SpliceConfig = {
  folds: 10,
  repeats: 1,
  architecture: 'cnn-bilstm',
  model: {
    filters: [32],
    kernels: [3],
    pools: [1],
    hidden: 32,
    pool: 'attention',
    position: 'learned',
    dense: [],
    dropout: 0.5,
  },
  training: { epochs: 15, batchSize: 32, rate: 2e-3, optimizerOptions: { decay: 0.3 } },
};

/** The error of earlier methods in ten folds over 1,000 of the records, in percent of each class, as the data's own description has them. */
const published: Table = {
  title: 'Published errors, in percent',
  columns: ['method', 'neither', 'exon–intron (ei)', 'intron–exon (ie)'],
  rows: [
    ['KBANN', 4.62, 7.56, 8.47],
    ['back-propagation', 5.29, 5.74, 10.75],
    ['PEBLS', 6.86, 8.18, 7.55],
    ['perceptron', 3.99, 16.32, 17.41],
    ['ID3', 8.84, 10.58, 13.99],
    ['COBWEB', 11.8, 15.04, 9.46],
    ['nearest neighbour', 31.11, 11.65, 9.09],
  ],
  note: 'Noordewier, Towell and Shavlik 1991 and the description of the data set in the UCI repository: ten-fold cross-validation over 1,000 records drawn from 3,190. Here all records with one window each are used, so that the models learn from more; KBANN over all classes errs in about 6 %.',
};

/** How many folds the simple baselines are measured on. */
const baselineFolds = 3;

/** The accuracy to be reached on the built-in data. */
const aim = 0.965;

/** Splice sites: exon–intron boundary, intron–exon boundary or neither in a window of DNA. */
export const splice: Recipe = {
  id: 'splice',
  title: 'Splice sites',
  summary:
    'Windows of DNA → donor, acceptor or neither, by convolutions and a bidirectional LSTM with attention.',
  claim: `On 3,186 real primate windows: ten-fold accuracy of at least ${aim}, ahead of the published errors and of linear baselines.`,
  input: {
    what: 'FASTA or a table of sequences, with labels of two or more classes.',
    options: [...labelling, 'ambiguous', 'alphabet'],
  },
  defaults: { ...spliceDefaults },
  async run(given, context) {
    const dataset = context.input
      ? await classDataset(labelledSequences(context.input), 'any')
      : await builtInDataset('primate_splice.tsv');
    const config = { ...spliceDefaults, ...given } as SpliceConfig;
    return runSplice(dataset, config, context, { builtIn: !context.input });
  },
};

/** The recipe on records with one of several classes each; `builtIn`: these are those of the published figures. */
export async function runSplice(
  dataset: Dataset,
  config: SpliceConfig,
  context: RecipeContext,
  { builtIn }: { builtIn: boolean },
): Promise<RecipeResult> {
  const began = performance.now();
  const plan = planned(config, dataset, context);
  for (const text of plan.notes) context.onEvent?.({ kind: 'note', text });
  const { lanes } = plan;
  const [validated, baselines, kept] = await sideBySide(lanes, [
    () =>
      crossValidate(plan.definition, dataset, plan.splits, {
        ...plan.training,
        lanes,
        seeds: plan.seeds,
        onProgress: progressOf(context),
      }),
    () => crossValidateBaselines(dataset, plan.splits.slice(0, baselineFolds), { ...plan.where, lanes }),
    () =>
      train(plan.definition, dataset, {
        ...plan.training,
        worker: lanes > 1,
        validation: 0,
        seed: context.seed,
      }),
  ]);
  const found = outOfFoldReport(validated.runs[0]!.predictions, baselines, validated.tested, context);
  const report: RunReport = {
    title: splice.title,
    lead: lead(validated, dataset),
    recipe: splice.id,
    version,
    seed: context.seed,
    seconds: (performance.now() - began) / 1000,
    claims: claims(validated, found.baselines, { folds: plan.splits.length, builtIn }),
    data: dataOf(dataset),
    training: trainingOf(kept),
    ...found,
    leakage: foldLeakage(dataset, plan.splits, plan.note),
    notes: plan.notes,
    tables: [
      ...(builtIn ? [published] : []),
      repeatTable(validated),
      foldTable(validated.runs[0]!, plan.splits),
    ],
  };
  return { report, model: kept.model };
}

const progressOf =
  ({ onEvent }: RecipeContext) =>
  ({ done, total, secondsLeft }: CrossValidationProgress) =>
    onEvent?.({
      kind: 'progress',
      text: `model ${done} of ${total}`,
      done: done / (total + 1),
      secondsLeft,
    });

/** What is run, and what the reader should know of it. */
function planned(config: SpliceConfig, dataset: Dataset, context: RecipeContext) {
  const { quick, seed, threads, device, signal } = context;
  checkWhole({ folds: config.folds, repeats: config.repeats, epochs: config.training.epochs });
  const { splits: all, note } = foldIndices(dataset, { folds: config.folds, seed, by: 'stratified' });
  const splits = quick ? all.slice(0, 1) : all;
  const length = commonLength(dataset);
  const notes = [
    'The reported model is one of its own for each fold; the model that is left behind learned from all records in the same way.',
    'The windows are aligned: a boundary, where there is one, is at the same place in each. The model is told the position, and would find no sites in unaligned sequence without being moved along it.',
  ];
  if (splits.length > baselineFolds)
    notes.push(
      `Simple baselines are measured on the first ${baselineFolds} folds alone, since they take as long as the model.`,
    );
  if (quick)
    notes.push(
      `A quick run: the first of ${config.folds} folds only, and two thirds of the epochs. Its figures are rough.`,
    );
  if (length === null)
    notes[1] = 'The sequences differ in length, so positions have no meaning and the model is not told them.';
  const epochs = Number(config.training.epochs);
  // Two small models side by side are faster than one that two threads share.
  const where = { device, threads: 1, ...(signal && { signal }) };
  return {
    splits,
    note,
    notes,
    where,
    seeds: Array.from({ length: quick ? 1 : config.repeats }, (_, r) => seed + r),
    definition: {
      architecture: config.architecture,
      config: { ...config.model, ...(length === null ? { position: 'none' } : { length }) },
    },
    lanes: threads > 1 ? (2 as const) : (1 as const),
    training: {
      ...config.training,
      ...where,
      ...(quick && { epochs: Math.max(1, Math.round((2 * epochs) / 3)) }),
    },
  };
}

interface Ran {
  readonly folds: number;
  readonly builtIn: boolean;
}

/** `baselines`: metrics of simple methods on the same folds. */
function claims(
  { runs }: CrossValidation,
  baselines: Readonly<Record<string, Metrics>>,
  { folds, builtIn }: Ran,
): Claim[] {
  const accuracies = runs.map(({ metrics }) => metrics.accuracy!.value!);
  const value = mean(accuracies);
  const over = runs.length > 1 ? `, mean of ${runs.length} repeats` : '';
  const [name, best] = Object.entries(baselines)
    .map(([name, { accuracy }]) => [name, accuracy!.value!] as const)
    .reduce((a, b) => (b[1] > a[1] ? b : a));
  const what = folds === 1 ? 'accuracy in one fold' : `${folds}-fold accuracy`;
  const reached = { id: 'accuracy', text: `${what} ≥ ${aim}${over}`, value, met: value >= aim };
  const shared = runs[0]!.folds.slice(0, baselineFolds).map(({ accuracy }) => accuracy!.value!);
  const ahead = {
    id: 'ahead',
    text: `accuracy in ${shared.length === 1 ? 'one fold' : `${shared.length} folds`} above that of the best simple baseline (${name}, ${best.toFixed(4)})`,
    value: mean(shared),
    met: mean(shared) > best,
  };
  return builtIn ? [reached, ahead] : [ahead];
}

function lead({ runs, tested }: CrossValidation, { records }: Dataset): string {
  const accuracy = mean(runs.map(({ metrics }) => metrics.accuracy!.value!));
  const part = tested.records.length < records.length ? ` (of ${records.length})` : '';
  return `Of ${tested.records.length}${part} windows, ${(100 * accuracy).toFixed(2)} % are told right by models that never saw them.`;
}

const repeatTable = ({ runs }: CrossValidation): Table => ({
  title: 'Repeats',
  columns: ['seed', 'accuracy', 'balanced accuracy', 'AUROC'],
  rows: runs.map(({ seed, metrics }) => [
    seed,
    ...['accuracy', 'balancedAccuracy', 'auroc'].map((name) => rounded(metrics[name]?.value)),
  ]),
  note: 'Each seed is a whole cross-validation over the same folds with other first weights; the figures above are those of the first.',
});
