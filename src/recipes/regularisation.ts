import { version } from '../core/version.ts';
import type { Dataset } from '../data/dataset.ts';
import { split } from '../data/split/split.ts';
import type { RunReport } from '../report/run-report.ts';
import { asPredictions, assessPredictions } from '../train/assess.ts';
import { checkWhole, classDataset, commonLength, dataOf } from './built-in-data.ts';
import { trainingOf } from './cross-validation-report.ts';
import { heldOutReport } from './held-out-report.ts';
import {
  labelledSequences,
  labelling,
  type Recipe,
  type RecipeContext,
  type RecipeResult,
} from './recipe.ts';
import { type RegularisationConfig, regularisationDefaults } from './regularisation/config.ts';
import { linearPaths } from './regularisation/linear-path.ts';
import { fitMethods } from './regularisation/methods.ts';
import { plantedSupport } from './regularisation/planted-support.ts';
import {
  type Found,
  regularisationClaims,
  regularisationFigures,
  regularisationLead,
  regularisationTables,
} from './regularisation/report.ts';

/** Penalties, dropout, early stopping and ensembles on the same data. */
export const regularisation: Recipe = {
  id: 'regularisation',
  title: 'Regularisation',
  summary:
    'Labelled sequences → paths of L1 and L2 penalties, dropout, Monte-Carlo dropout, early stopping and a deep ensemble.',
  claim:
    'L1 recovers the planted positions with all other weights exactly zero; Monte-Carlo dropout has a lower calibration error than the same weights without dropout.',
  input: {
    what: 'FASTA or a table of sequences, with labels of two or more classes.',
    options: [...labelling, 'group', 'ambiguous', 'alphabet'],
  },
  defaults: { ...regularisationDefaults },
  async run(given, context) {
    const config = { ...regularisationDefaults, ...given } as RegularisationConfig;
    if (context.input)
      return runRegularisation(
        { dataset: await classDataset(labelledSequences(context.input), 'any') },
        config,
        context,
      );
    const records = Math.round(config.records * (context.quick ? 0.5 : 1));
    return runRegularisation(plantedSupport({ ...config, records, seed: context.seed }), config, context);
  },
};

/** Records with classes, and what is known of them where they were made. */
export interface Source {
  readonly dataset: Dataset;
  readonly support?: readonly number[];
  readonly best?: { readonly accuracy: number; readonly logLoss: number };
}

/** The recipe on records with one of several classes each. */
export async function runRegularisation(
  { dataset, support, best }: Source,
  given: RegularisationConfig,
  context: RecipeContext,
): Promise<RecipeResult> {
  const began = performance.now();
  const { seed, quick, device } = context;
  const config = checked(quick ? briefly(given) : given);
  const notes = notesOn(config, { quick, planted: support !== undefined });
  for (const text of notes) context.onEvent?.({ kind: 'note', text });
  const grouped = dataset.records.every(({ group }) => group !== undefined);
  const by = grouped && { by: 'group' as const };
  const parts = split(dataset, { test: config.test, validation: config.validation, seed, ...by });
  const data = { fit: parts.fit, held: parts.validation!, test: parts.test };
  const where = { device, threads: 1, ...(context.signal && { signal: context.signal }) };
  const length = commonLength(dataset);
  const linear = await linearPaths(data, { ...config, ...where });
  context.onEvent?.({ kind: 'progress', text: 'linear paths done', done: 0.1 });
  const { methods, kept, values } = await fitMethods(data, config, {
    ...where,
    length,
    seeds: Array.from({ length: config.seeds }, (_, s) => seed + s),
    onDone: (text, share) => context.onEvent?.({ kind: 'progress', text, done: 0.1 + 0.8 * share }),
  });
  const found: Found = { linear, methods, config, seed, ...(support && { support }), ...(best && { best }) };
  const predictions = asPredictions(data.test, values);
  const assessment = await assessPredictions(kept.model.spec.output, predictions, data.test, {
    train: data.fit,
    seed,
    device,
    threads: 1,
  });
  const report: RunReport = {
    title: regularisation.title,
    lead: regularisationLead(found),
    recipe: regularisation.id,
    version,
    seed,
    seconds: (performance.now() - began) / 1000,
    claims: regularisationClaims(found),
    data: dataOf(dataset),
    training: trainingOf(kept),
    ...heldOutReport(assessment, parts),
    notes,
    figures: regularisationFigures(found),
    tables: regularisationTables(found),
  };
  return { report, model: kept.model };
}

function checked(config: RegularisationConfig): RegularisationConfig {
  const { length, records, steps, passes, members, seeds, training, l1 } = config;
  checkWhole({ length, support: config.support, records, steps, passes, members, seeds });
  checkWhole({ 'l1.count': l1.count, epochs: training.epochs });
  return config;
}

/** A smaller run: one network of each kind, half the records and epochs. */
const briefly = (config: RegularisationConfig): RegularisationConfig => ({
  ...config,
  seeds: 1,
  passes: Math.min(config.passes, 20),
  members: Math.min(config.members, 2),
  steps: Math.ceil(config.steps / 2),
  training: { ...config.training, epochs: Math.max(1, Math.ceil(Number(config.training.epochs) / 2)) },
});

function notesOn(
  { dropout, passes, members, rates }: RegularisationConfig,
  { quick, planted }: { quick: boolean; planted: boolean },
): string[] {
  return [
    `The model that is left behind, and that the metrics speak of, is the ensemble of ${members} networks (Lakshminarayanan et al. 2017). The others are measured on the same test records.`,
    'The linear models are fitted by full-batch gradient steps; L1 by proximal steps, which end in exact zeros. L1 shrinks what it keeps, so each set of features that its path goes through is fitted again without it, and the strongest penalty within one standard error of the best on the records held back is chosen (Meinshausen 2007). The test has no say.',
    `Monte-Carlo dropout averages ${passes} passes with dropout left on, over the weights that the point estimate uses. The claim speaks of a rate of ${dropout}; ${rates.join(', ')} stand beside. It helps where the point estimate is too sure; at a high rate the point estimate may not be sure enough, and averaging makes it less so.`,
    ...(planted
      ? ['The labels were drawn with planted probabilities, so that no model can be right in all.']
      : []),
    ...(quick
      ? ['A quick run: fewer records, epochs and passes, one network of each kind. Its figures are rough.']
      : []),
  ];
}
