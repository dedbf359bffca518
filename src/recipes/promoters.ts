import { version } from '../core/version.ts';
import { dna } from '../data/alphabet.ts';
import type { Dataset } from '../data/dataset.ts';
import { foldIndices } from '../data/split/split.ts';
import type { RunReport } from '../report/run-report.ts';
import { type CrossValidationRun, crossValidate, crossValidateBaselines } from '../train/cross-validate.ts';
import { train } from '../train/train-model.ts';
import { builtInDataset, checkWhole, classDataset, commonLength, dataOf } from './built-in-data.ts';
import { foldLeakage, outOfFoldReport, trainingOf } from './cross-validation-report.ts';
import { motifStart } from './motif-start.ts';
import { type MemberName, memberNames, type PromoterConfig, promoterDefaults } from './promoters-config.ts';
import { promoterClaims, promoterLead, promoterTables, type Tested, together } from './promoters-report.ts';
import {
  labelledSequences,
  labelling,
  type Recipe,
  type RecipeContext,
  type RecipeResult,
} from './recipe.ts';

/** Promoters of bacteria, by a committee of three networks, one of which begins with what is known of the boxes. */
export const promoters: Recipe = {
  id: 'promoters',
  title: 'Bacterial promoters',
  summary:
    'DNA windows → promoter or not, by three small networks together; one begins as the known −35 and −10 boxes.',
  claim:
    'On 106 real E. coli sequences, leave-one-out: at most the 4 errors published for KBANN, which knew the boxes too, as the mean of 5 seeds.',
  input: {
    what: 'FASTA or a table of DNA sequences, with labels of two classes.',
    options: [...labelling, 'ambiguous'],
  },
  defaults: { ...promoterDefaults },
  async run(given, context) {
    const dataset = context.input
      ? await classDataset({ ...labelledSequences(context.input), alphabet: dna }, 2)
      : await builtInDataset('ecoli_promoters.tsv');
    const config = { ...promoterDefaults, ...given } as PromoterConfig;
    return runPromoters(dataset, config, context, { builtIn: !context.input });
  },
};

/** The recipe on records with two classes; `builtIn`: these are those of the published figures. */
export async function runPromoters(
  dataset: Dataset,
  config: PromoterConfig,
  context: RecipeContext,
  { builtIn }: { builtIn: boolean },
): Promise<RecipeResult> {
  const began = performance.now();
  const plan = planned(config, dataset, context);
  for (const text of plan.notes) context.onEvent?.({ kind: 'note', text });
  const tested = await crossValidated(dataset, plan, context);
  const { definition, training } = plan.members.free;
  const kept = await train(definition, dataset, { ...training, validation: 0, seed: context.seed });
  const report: RunReport = {
    title: promoters.title,
    lead: promoterLead(tested, plan.protocol),
    recipe: promoters.id,
    version,
    seed: context.seed,
    seconds: (performance.now() - began) / 1000,
    claims: promoterClaims(tested, plan.protocol, { builtIn }),
    data: dataOf(dataset),
    training: trainingOf(kept),
    ...outOfFoldReport(together(tested)[0]!, tested.baselines, tested.records, context),
    leakage: foldLeakage(dataset, plan.splits, plan.protocol),
    notes: plan.notes,
    tables: promoterTables(tested, { builtIn }),
  };
  return { report, model: kept.model };
}

type Plan = ReturnType<typeof planned>;

/** What is run, and what the reader should know of it. */
function planned(
  config: PromoterConfig,
  dataset: Dataset,
  { quick, seed, threads, device, signal }: RecipeContext,
) {
  const count = dataset.records.length;
  checkWhole({ seeds: config.seeds, length: config.length });
  const asked = config.folds ?? (count <= 200 ? 'all' : 10);
  const folds = quick ? Math.min(5, count) : asked;
  const simple = foldIndices(dataset, { folds: Math.min(quick ? 5 : 10, count), seed });
  const length = commonLength(dataset);
  const where = { device, threads: 1, ...(signal && { signal }) };
  const member = (name: MemberName) => {
    const { model, training } = config[name];
    // Without a common length no position has a meaning, and every network looks for its motifs anywhere.
    const shape = name === 'free' ? {} : length === null ? { pool: 'max' } : { length, pool: 'flatten' };
    return {
      definition: { architecture: 'cnn', config: { ...model, ...shape } },
      training: { ...training, ...where },
    };
  };
  const { expected, ...boxes } = config.motifs;
  const placed = length === config.length && expected !== undefined;
  return {
    splits: foldIndices(dataset, { folds, seed }).splits,
    simpleSplits: simple.splits,
    protocol: folds === 'all' ? 'leave-one-out' : `${folds}-fold cross-validation`,
    notes: notesOn({ placed, quick, length: config.length }),
    lanes: threads > 1 ? (2 as const) : (1 as const),
    seeds: Array.from({ length: quick ? 1 : config.seeds }, (_, s) => seed + s),
    where,
    start: motifStart(placed ? { ...boxes, expected } : boxes),
    members: { boxes: member('boxes'), aligned: member('aligned'), free: member('free') },
  };
}

interface Circumstances {
  readonly placed: boolean;
  readonly quick: boolean;
  readonly length: number;
}

function notesOn({ placed, quick, length }: Circumstances): string[] {
  return [
    'Three small networks answer together (mean of their logits). Domain knowledge: in the first, five filters begin as the −35 box (TTGACA) and the −10 box (TATAAT), 15 to 19 letters apart, and in aligned windows its read-out begins at their usual place before the start. That is only a beginning: every weight learns. The second knows of every feature at which position it stands, the third does not; both begin at random. The errors without the first stand beside.',
    'The model that is left behind is the third network alone, trained on all records: it takes sequences of any length. Its own errors stand beside; the figures above are those of all three.',
    'Simple baselines are measured in ten folds (five in a quick run): in leave-one-out the majority class is wrong every time, by construction.',
    ...(placed
      ? []
      : [`Not all sequences have ${length} letters, so the place of the start is not taken as known.`]),
    ...(quick ? ['A quick run: five folds and one seed, so the figures are rough.'] : []),
  ];
}

/** Out-of-fold predictions of the networks and of the baselines. */
async function crossValidated(dataset: Dataset, plan: Plan, context: RecipeContext): Promise<Tested> {
  const { splits, seeds, lanes, members, start } = plan;
  const runs = {} as Record<MemberName, readonly CrossValidationRun[]>;
  for (const [m, name] of memberNames.entries()) {
    const { definition, training } = members[name];
    const { runs: own } = await crossValidate(definition, dataset, splits, {
      ...training,
      seeds,
      lanes,
      ...(name === 'boxes' && { start }),
      onProgress: ({ done, total }) =>
        context.onEvent?.({
          kind: 'progress',
          text: `network ${m + 1} of 3, model ${done} of ${total}`,
          done: (0.9 * (m + done / total)) / 3,
        }),
    });
    runs[name] = own;
  }
  const baselines = await crossValidateBaselines(dataset, plan.simpleSplits, { ...plan.where, lanes });
  const { ids } = runs.free[0]!.predictions;
  const places = new Map(dataset.records.map((record) => [record.id, record]));
  return { ...runs, records: { ...dataset, records: ids.map((id) => places.get(id)!) }, baselines };
}
