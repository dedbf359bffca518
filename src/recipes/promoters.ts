import { dna } from '../data/alphabet.ts';
import type { Dataset } from '../data/dataset.ts';
import { foldIndices } from '../data/split/split.ts';
import { version } from '../models/version.ts';
import type { RunReport } from '../report/run-report.ts';
import { crossValidate, crossValidateBaselines } from '../train/cross-validate.ts';
import { train } from '../train/train-model.ts';
import { builtInDataset, classDataset, commonLength, dataOf } from './built-in-data.ts';
import { joinModels, meanOfLogits } from './committee.ts';
import { foldLeakage, outOfFoldReport, trainingOf } from './cross-validation-report.ts';
import { motifStart, type PlacedMotifs, promoterBoxes } from './motif-start.ts';
import { promoterClaims, promoterLead, promoterTables, type Tested } from './promoters-report.ts';
import type { Recipe, RecipeContext } from './recipe.ts';

/** One of the two networks: its configuration and how it is trained. */
interface Member {
  readonly model: Readonly<Record<string, unknown>>;
  readonly training: Readonly<Record<string, unknown>>;
}

/** What `promoters` may be told; see `promoters.defaults`. */
interface PromoterConfig {
  /** `all`: leave one out; null: so for up to 200 records, else ten folds. */
  readonly folds: number | 'all' | null;
  /** Whole cross-validations, each with first weights of its own. */
  readonly seeds: number;
  /** The windows' length for which `boxes.expected` holds. */
  readonly length: number;
  readonly boxes: PlacedMotifs;
  readonly informed: Member;
  readonly plain: Member;
}

const layer = { pools: [1], dense: [] };
const defaults: PromoterConfig = {
  folds: null,
  seeds: 5,
  length: 57,
  // The second box begins 12 letters before the start, which is the 51st letter.
  boxes: { ...promoterBoxes, expected: 39, gain: 0.5, threshold: 6, strength: 1 },
  informed: {
    model: { ...layer, filters: [16], kernels: [31], dropout: 0.5 },
    training: { epochs: 10, batchSize: 16, rate: 2e-3, optimizerOptions: { decay: 0.3 } },
  },
  plain: {
    model: { ...layer, filters: [32], kernels: [3], dropout: 0.7 },
    training: { epochs: 20, batchSize: 16, rate: 1e-2, optimizerOptions: { decay: 0.3 } },
  },
};

/** Promoters of bacteria: two networks, one that begins with what is known of the boxes and one that knows nothing. */
export const promoters: Recipe = {
  id: 'promoters',
  title: 'Bacterial promoters',
  summary:
    'DNA windows → promoter or not, by convolutions that begin as the known −35 and −10 boxes beside ones that begin at random.',
  claim:
    'On 106 real E. coli sequences, leave-one-out: at most the 4 errors published for KBANN, which knew the boxes too, as the mean of 5 seeds.',
  defaults: { ...defaults },
  async run(given, context) {
    const began = performance.now();
    const config = { ...defaults, ...given } as PromoterConfig;
    const builtIn = !context.input;
    const dataset = context.input
      ? await classDataset({ ...context.input, alphabet: dna }, 2)
      : await builtInDataset('ecoli_promoters.tsv');
    const plan = planned(config, dataset, context);
    for (const text of plan.notes) context.onEvent?.({ kind: 'note', text });
    const tested = await crossValidated(dataset, plan, context);
    const { informed, plain } = await trainedOnAll(dataset, plan, context.seed);
    const found = outOfFoldReport(tested.both[0]!, tested.baselines, tested.records, context);
    const report: RunReport = {
      title: 'Bacterial promoters',
      lead: promoterLead(tested, plan.protocol),
      recipe: 'promoters',
      version,
      seed: context.seed,
      seconds: (performance.now() - began) / 1000,
      claims: promoterClaims(tested, plan.protocol, { builtIn }),
      data: dataOf(dataset),
      training: trainingOf(plain),
      ...found,
      leakage: foldLeakage(dataset, plan.splits, plan.protocol),
      notes: plan.notes,
      tables: promoterTables(tested, { builtIn }),
    };
    return { report, model: joinModels(informed.model, plain.model) };
  },
};

type Plan = ReturnType<typeof planned>;

/** What is run, and what the reader should know of it. */
function planned(
  config: PromoterConfig,
  dataset: Dataset,
  { quick, seed, threads, device, signal }: RecipeContext,
) {
  const count = dataset.records.length;
  const asked = config.folds ?? (count <= 200 ? 'all' : 10);
  const folds = quick ? Math.min(5, count) : asked;
  const { splits } = foldIndices(dataset, { folds, seed });
  const simple = foldIndices(dataset, { folds: Math.min(quick ? 5 : 10, count), seed });
  const placed = commonLength(dataset) === config.length;
  const where = { device, threads: 1, ...(signal && { signal }) };
  const shape = placed ? { length: config.length, pool: 'flatten' } : { pool: 'max' };
  const member = ({ model, training }: Member) => ({
    definition: { architecture: 'cnn', config: { ...model, ...shape } },
    training: { ...training, ...where },
  });
  const { expected, ...boxes } = config.boxes;
  return {
    splits,
    simpleSplits: simple.splits,
    protocol: folds === 'all' ? 'leave-one-out' : `${folds}-fold cross-validation`,
    notes: notesOn({ placed, quick, length: config.length }),
    lanes: threads > 1 ? (2 as const) : (1 as const),
    seeds: Array.from({ length: quick ? 1 : config.seeds }, (_, s) => seed + s),
    where,
    informed: {
      ...member(config.informed),
      start: motifStart(placed && expected !== undefined ? { ...boxes, expected } : boxes),
    },
    plain: member(config.plain),
  };
}

function notesOn({ placed, quick, length }: { placed: boolean; quick: boolean; length: number }): string[] {
  const notes = [
    'Domain knowledge: in one of the two networks five filters begin as the −35 box (TTGACA) and the −10 box (TATAAT), 15 to 19 letters apart; in aligned windows its read-out begins at their usual place before the start. All of this is only a beginning: every weight learns. The other network begins at random; its errors stand beside.',
    'The answer is the mean of both networks’ logits. The model that is left behind is both as one network, trained on all records; no figure here is its own.',
    'Simple baselines are measured in ten folds (five in a quick run): in leave-one-out the majority class is wrong every time, by construction.',
  ];
  if (!placed)
    notes.push(
      `Not all sequences have ${length} letters, so the place of the start is not known: the networks look for the boxes anywhere.`,
    );
  if (quick)
    notes.push(
      'A quick run: five folds and one seed instead of leave-one-out and five. Its figures are rough.',
    );
  return notes;
}

/** Out-of-fold predictions of both networks, of what they say together, and of the baselines. */
async function crossValidated(dataset: Dataset, plan: Plan, context: RecipeContext): Promise<Tested> {
  const { splits, seeds, lanes } = plan;
  const share =
    (text: string, before: number) =>
    ({ done, total, secondsLeft }: { done: number; total: number; secondsLeft: number }) =>
      context.onEvent?.({
        kind: 'progress',
        text: `${text}, model ${done} of ${total}`,
        done: before + (0.45 * done) / total,
        // The second half has as many models as the first.
        secondsLeft: before > 0 ? secondsLeft : secondsLeft * (1 + total / (total - done || total)),
      });
  const { definition, training, start } = plan.informed;
  const informed = await crossValidate(definition, dataset, splits, {
    ...training,
    ...{ seeds, lanes, start, onProgress: share('with the boxes', 0) },
  });
  const plain = await crossValidate(plan.plain.definition, dataset, splits, {
    ...plan.plain.training,
    ...{ seeds, lanes, onProgress: share('without', 0.45) },
  });
  return {
    records: plain.tested,
    informed: informed.runs,
    plain: plain.runs,
    both: seeds.map((_, s) => meanOfLogits([informed.runs[s]!.predictions, plain.runs[s]!.predictions])),
    baselines: await crossValidateBaselines(dataset, plan.simpleSplits, plan.where),
  };
}

async function trainedOnAll(dataset: Dataset, { informed, plain }: Plan, seed: number) {
  const options = { validation: 0, seed };
  return {
    informed: await train(informed.definition, dataset, {
      ...informed.training,
      ...options,
      start: informed.start,
    }),
    plain: await train(plain.definition, dataset, { ...plain.training, ...options }),
  };
}
