import { fileURLToPath } from 'node:url';
import { usageError } from '../core/errors.ts';
import { randomStream } from '../core/random.ts';
import { version } from '../core/version.ts';
import type { RunReport } from '../report/run-report.ts';
import { type TaggerDefinition, type TrainedTagger, trainTagger } from '../train/tasks/tagging.ts';
import type { TaggedData } from '../train/tasks/tagging-data.ts';
import { assessTagger, type TaggingAssessment } from '../train/tasks/tagging-evaluate.ts';
import { readTagged, type TaggedSource } from '../train/tasks/tagging-read.ts';
import { splitTagged } from '../train/tasks/tagging-split.ts';
import { checkWhole } from './built-in-data.ts';
import type { Recipe, RecipeContext, RecipeInput, RecipeResult } from './recipe.ts';
import { type Compared, taggingClaims, taggingLead, taggingTables } from './tagging-claims.ts';
import { taggedSummary, taggingLeakage, taggingReport } from './tagging-report.ts';

/** What `tagging` may be told; see `tagging.defaults`. */
export interface TaggingConfig {
  /** The column of tags of CoNLL: a number, or a usual name; null: the last one. */
  readonly label: string | null;
  readonly architecture: string;
  readonly model: Readonly<Record<string, unknown>>;
  readonly vocabulary: { readonly minCount: number; readonly lowercase: boolean };
  readonly training: Readonly<Record<string, unknown>>;
  /** Share of the sentences (whole documents where there are several) that is tested, and of the rest that chooses the epoch. */
  readonly test: number;
  readonly validation: number;
  /** Taggers with splits and first weights of their own. */
  readonly seeds: number;
  /** By how much the tagger must be ahead of the unigram tagger: in span F1 where tags write spans, else in accuracy. */
  readonly margin: { readonly spanF1: number; readonly accuracy: number };
  /** Train the tagger without the spelling of words, and without the chain, too. */
  readonly without: boolean;
  /** Learn from tags that were shuffled among the words: then nothing can be learnt, and the claim must fail. */
  readonly shuffled: boolean;
}

export const taggingDefaults: TaggingConfig = {
  label: null,
  architecture: 'bilstm',
  model: { hidden: 64, wordSize: 64, characters: 'bilstm', characterHidden: 24, output: 'crf', dropout: 0.5 },
  vocabulary: { minCount: 2, lowercase: true },
  training: { epochs: 14, batchSize: 32, rate: 5e-3, patience: 0 },
  test: 0.2,
  validation: 0.1,
  seeds: 2,
  margin: { spanF1: 0.1, accuracy: 0.01 },
  without: true,
  shuffled: false,
};

/** One tag for each word: a BiLSTM with a chain over it, and the spelling of words. */
export const tagging: Recipe = {
  id: 'tagging',
  title: 'Tagging of words',
  summary:
    'CoNLL columns → a tag for each word (names, parts of speech), by a BiLSTM-CRF that reads their spelling.',
  claim:
    'On real news text, span F1 of proper names is at least 0.1 above that of the unigram tagger, for every seed.',
  input: {
    what: 'CoNLL columns: a word a line, its tag last (or --label), a blank line after each sentence.',
    options: ['label'],
  },
  defaults: { ...taggingDefaults },
  async run(given, context) {
    const config = { ...taggingDefaults, ...given } as TaggingConfig;
    const data = context.input ? await ownSentences(context.input, config) : await newsSentences(config);
    return runTagging(data, config, context);
  },
};

/** Portuguese news with parts of speech and proper names, which comes with the package. */
export async function newsSentences({ label }: Pick<TaggingConfig, 'label'>): Promise<TaggedData> {
  const place = 'examples/data/portuguese_news.conll.gz';
  const sequences = fileURLToPath(new URL(`../../${place}`, import.meta.url));
  const data = await readTagged({ sequences, ...(label !== null && { label }) });
  return { ...data, sources: data.sources.map((source) => ({ ...source, path: place })) };
}

function ownSentences({ path, options }: RecipeInput, { label }: TaggingConfig): Promise<TaggedData> {
  const column = options?.label ?? label;
  if (Array.isArray(column) || typeof column === 'function')
    throw usageError('tagging reads one column of tags; give --label once.');
  const source: TaggedSource = { sequences: path };
  return readTagged({ ...source, ...(column && { label: column }) });
}

/** One tagger, what is known of it, and what it was tested on. */
interface Run {
  readonly seed: number;
  readonly trained: TrainedTagger;
  readonly assessment: TaggingAssessment;
  readonly fit: TaggedData;
  readonly test: TaggedData;
  readonly note: string;
}

/** The recipe on tagged sentences. */
export async function runTagging(
  data: TaggedData,
  config: TaggingConfig,
  context: RecipeContext,
): Promise<RecipeResult> {
  const began = performance.now();
  checkWhole({ seeds: config.seeds });
  const seeds = Array.from({ length: context.quick ? 1 : config.seeds }, (_, s) => context.seed + s);
  const variants = config.without && !context.quick ? variantsOf(config) : [];
  const total = seeds.length + variants.length;
  const say = (text: string, done: number) => (share: number) =>
    context.onEvent?.({ kind: 'progress', text, done: (done + share) / total });
  const runs: Run[] = [];
  for (const [s, seed] of seeds.entries())
    runs.push(
      await trainAndTest(data, config, { context, seed, tell: say(`tagger ${s + 1} of ${seeds.length}`, s) }),
    );
  const compared: Compared[] = [];
  for (const [v, { name, model }] of variants.entries()) {
    const own = { context, seed: context.seed, tell: say(name, seeds.length + v) };
    const { assessment } = await trainAndTest(data, { ...config, model }, own);
    compared.push({ name, metrics: assessment.evaluation.metrics });
  }
  const [first] = runs as [Run];
  const found = { data, runs: runs.map(({ seed, assessment }) => ({ seed, assessment })), compared };
  const report: RunReport = {
    title: tagging.title,
    lead: taggingLead(found),
    recipe: tagging.id,
    version,
    seed: context.seed,
    seconds: (performance.now() - began) / 1000,
    claims: taggingClaims(found, config.margin),
    data: taggedSummary(data),
    training: {
      history: first.trained.fit.history,
      bestEpoch: first.trained.fit.bestEpoch,
      seconds: first.trained.fit.seconds,
      parameters: [...first.trained.model.weights.values()].reduce((sum, w) => sum + w.length, 0),
    },
    ...taggingReport(first.assessment, first.test),
    leakage: taggingLeakage(first.note, { train: first.fit, test: first.test }),
  };
  const notes = [...(report.notes ?? []), ...notesOn(config, context)];
  return {
    report: { ...report, notes, tables: [...(report.tables ?? []), ...taggingTables(found)] },
    model: first.trained.model,
  };
}

/** The tagger without one of its parts. */
function variantsOf({ model }: TaggingConfig): { name: string; model: TaggingConfig['model'] }[] {
  return [
    ...(model.characters === 'none'
      ? []
      : [{ name: 'without spelling', model: { ...model, characters: 'none' } }]),
    ...(model.output === 'softmax'
      ? []
      : [{ name: 'without the chain', model: { ...model, output: 'softmax' } }]),
  ];
}

function notesOn({ shuffled }: TaggingConfig, { quick }: RecipeContext): string[] {
  return [
    ...(shuffled
      ? ['The tags of the training sentences were shuffled: nothing can be learnt, and the claim must fail.']
      : []),
    ...(quick ? ['A quick run: one seed and fewer epochs, so the figures are rough.'] : []),
  ];
}

interface Circumstances {
  readonly context: RecipeContext;
  readonly seed: number;
  readonly tell: (share: number) => void;
}

async function trainAndTest(
  data: TaggedData,
  config: TaggingConfig,
  { context, seed, tell }: Circumstances,
): Promise<Run> {
  const { device, threads, signal, quick } = context;
  const { fit: rest, test, note } = splitTagged(data, { test: config.test, seed });
  const { fit, test: judge } = splitTagged(rest, { test: config.validation, seed });
  const definition: TaggerDefinition = {
    architecture: config.architecture,
    config: config.model,
    vocabulary: config.vocabulary,
  };
  const epochs = Number(config.training.epochs ?? taggingDefaults.training.epochs);
  const trained = await trainTagger(definition, config.shuffled ? shuffledTags(fit, seed) : fit, {
    ...config.training,
    ...(quick && { epochs: Math.min(epochs, 6) }),
    validation: judge,
    seed,
    device,
    threads: Math.min(threads, 1),
    ...(signal && { signal }),
    onEvent: (event) => {
      if (event.kind === 'batch') tell((event.epoch - 1 + event.batch / event.batches) / event.epochs);
    },
  });
  const assessment = await assessTagger(trained.model, test, { train: fit, seed, device });
  return { seed, trained, assessment, fit, test, note };
}

/** The same sentences, whole rows of tags among words at random: as many of each tag, in no relation to the words. Spans stay whole. */
export function shuffledTags(data: TaggedData, seed: number): TaggedData {
  const random = randomStream(seed, 'shuffled tags');
  const all = data.sequences.flatMap(({ truth }) => [...spansAndRest(truth, data.tags)]);
  random.shuffle(all);
  const tags = all.flat();
  let at = 0;
  const sequences = data.sequences.map((sequence) => {
    const truth = Int32Array.from(sequence.truth, () => tags[at++]!);
    return { ...sequence, truth };
  });
  return { ...data, sequences, scheme: 'none' };
}

/** Tags in pieces: a span, or a single tag. */
function spansAndRest(truth: Int32Array, tags: readonly string[]): number[][] {
  const pieces: number[][] = [];
  for (const tag of truth) {
    if (/^[IE]-/.test(tags[tag] ?? '') && pieces.length > 0) pieces[pieces.length - 1]!.push(tag);
    else pieces.push([tag]);
  }
  return pieces;
}
